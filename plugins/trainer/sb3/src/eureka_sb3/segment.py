"""A learner's state between two segments: `tensors.pt`, `arrays.npz`, `generators.json` and the environment's own `env`.

Read by this project's workers alone; `tensors.pt` is loaded with `weights_only`, so it holds data and no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.save_util import recursive_getattr

from eureka.types import Anew
from eureka_sb3 import generators, replay
from eureka_sb3.learner import Learner
from eureka_sb3.networks import value_parameters

_BEGUN = ("schedules_begin", "replay_begin", "begins_at_random")
"""What a learner knows of its beginnings."""

# What an algorithm counts, where it has it.
_COUNTERS = ("num_timesteps", "_n_updates", "_n_calls", "_episode_num", "exploration_rate", "_current_progress_remaining")


def save(learner: Learner, directory: Path) -> None:
    """Write all that the next segment needs to go on as if there had been no end."""
    model = learner.model
    kept = learner.env.save_state(directory / "env")
    tensors = {"parameters": model.get_parameters(), "variables": {name: tensor.data for name, tensor in _variables(model).items()}}
    torch.save({**tensors, "generators": generators.torch_states(model)}, directory / "tensors.pt")
    arrays = {
        **_named("last_observations", model._last_obs),
        **_named("last_original_observations", model._last_original_obs),
        **_named("last_episode_starts", model._last_episode_starts),
        **_named("observation_normaliser", _state(learner.observation_normaliser)),
        **_named("reward_normaliser", _state(learner.reward_normaliser)),
        **_named("noise", {str(index): noise.noise_prev for index, noise in enumerate(_wandering_noises(model))}),
    }
    np.savez(directory / "arrays.npz", **arrays)  # type: ignore[arg-type]
    counters = {name: getattr(model, name) for name in _COUNTERS if hasattr(model, name)}
    begun = {name: getattr(learner, name) for name in _BEGUN}
    state = {"counters": counters, "begun": begun, "environment_saved": kept, **generators.json_states(model)}
    (directory / "generators.json").write_text(json.dumps(state))
    if getattr(model, "replay_buffer", None) is not None:
        replay.save(model.replay_buffer, directory / "replay.npz")


def restore(learner: Learner, directory: Path, anew: frozenset[Anew]) -> None:
    """Bring a fresh learner to where `save` left the other, what is `anew` apart, ready to run.

    Where the environment could not be saved, it is reset with this segment's row seeds, too.
    """
    model = learner.model
    tensors = torch.load(directory / "tensors.pt", weights_only=True, map_location=model.device)
    state = json.loads((directory / "generators.json").read_text())
    kept = bool(state["environment_saved"]) and "environment" not in anew
    with np.load(directory / "arrays.npz", allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    fresh = {name: tensor.clone() for name, tensor in value_parameters(model.policy).items() if "value_head" in anew}
    if "optimizer" in anew:
        tensors["parameters"] = {name: part for name, part in tensors["parameters"].items() if not name.endswith("optimizer")}
    model.set_parameters(tensors["parameters"], exact_match="optimizer" not in anew, device=model.device)
    model.policy.load_state_dict(fresh, strict=False)
    for name, tensor in _variables(model).items():
        tensor.data = tensors["variables"][name]
    for name, value in state["counters"].items():
        setattr(model, name, value)
    for name, value in state.get("begun", {}).items():
        setattr(learner, name, value)
    learner.begin_schedules(model.num_timesteps if "learning_rate" in anew else learner.schedules_begin)
    if learner.observation_normaliser is not None and "normalizers" not in anew:
        learner.observation_normaliser.load(_unnamed("observation_normaliser", arrays))
    if learner.reward_normaliser is not None:
        normaliser = _unnamed("reward_normaliser", arrays)
        if "normalizers" in anew:  # the returns are those of the episodes that go on
            normaliser = {**learner.reward_normaliser.state(), "returns": normaliser["returns"]}
        learner.reward_normaliser.load(normaliser, same_episodes=kept)
    if "environment" in anew:
        learner.replay_begin = model.num_timesteps
    elif getattr(model, "replay_buffer", None) is not None:
        replay.load(model.replay_buffer, directory / "replay.npz", same_episodes=kept)
    if kept:
        learner.env.load_state(directory / "env")
        model._last_obs = _unnamed("last_observations", arrays)
        model._last_original_obs = _unnamed("last_original_observations", arrays)
        model._last_episode_starts = _unnamed("last_episode_starts", arrays)
    learner.begin()
    if kept:
        for index, noise in enumerate(_wandering_noises(model)):
            noise.noise_prev = arrays[f"noise/{index}"]
    # Last, because building and restoring may draw.
    generators.restore(model, tensors["generators"], state)


def _variables(model: Any) -> dict[str, torch.Tensor]:
    """Tensors outside of any network, such as SAC's entropy weight."""
    return {name: recursive_getattr(model, name) for name in model._get_torch_save_params()[1]}


def _wandering_noises(model: Any) -> list[Any]:
    """Every row's action noise that has a memory."""
    noise = getattr(model, "action_noise", None)
    return [one for one in getattr(noise, "noises", [noise]) if hasattr(one, "noise_prev")]


def _state(normaliser: Any) -> dict[str, Any] | None:
    return None if normaliser is None else normaliser.state()


def _named(name: str, value: Any) -> dict[str, NDArray[Any]]:
    """An array, several by name, or None, as entries of an archive."""
    if isinstance(value, Mapping):
        return {f"{name}/{key}": np.asarray(part) for key, part in value.items()}
    return {} if value is None else {name: np.asarray(value)}


def _unnamed(name: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Undo `_named`."""
    parts = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
    return parts or arrays.get(name)
