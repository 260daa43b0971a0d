"""A learner's state between two segments: `tensors.pt`, `generators.json` and the environment's own `env`.

Read by this project's workers alone; `tensors.pt` is loaded with `weights_only`, so it holds data and no code.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch

from eureka_sb3.learner import Learner


def save(learner: Learner, directory: Path) -> None:
    """Write all that the next segment needs to go on as if there had been no end."""
    model = learner.model
    kept = learner.env.save_state(directory / "env")
    torch.save(
        {
            "policy": model.policy.state_dict(),
            "optimizer": model.policy.optimizer.state_dict(),
            "torch_generator": torch.get_rng_state(),
            "last_observations": torch.as_tensor(model._last_obs),
            "last_episode_starts": torch.as_tensor(model._last_episode_starts),
            "observation_normaliser": _tensors(learner.observation_normaliser),
            "reward_normaliser": _tensors(learner.reward_normaliser),
        },
        directory / "tensors.pt",
    )
    name, keys, *rest = np.random.get_state(legacy=True)
    counters = {"num_timesteps": model.num_timesteps, "updates": model._n_updates, "environment_saved": kept}
    generators = {"numpy": [name, np.asarray(keys).tolist(), *rest], "python": random.getstate()}
    (directory / "generators.json").write_text(json.dumps({**counters, **generators}))


def restore(learner: Learner, directory: Path) -> None:
    """Bring a fresh learner to where `save` left the other.

    Where the environment could not be saved, `Learner.run` resets it with this segment's row seeds.
    """
    model = learner.model
    tensors = torch.load(directory / "tensors.pt", weights_only=True)
    state = json.loads((directory / "generators.json").read_text())
    kept = bool(state["environment_saved"])
    model.policy.load_state_dict(tensors["policy"])
    model.policy.optimizer.load_state_dict(tensors["optimizer"])
    model.num_timesteps = state["num_timesteps"]
    model._n_updates = state["updates"]
    if learner.observation_normaliser is not None:
        learner.observation_normaliser.load(_arrays(tensors["observation_normaliser"]))
    if learner.reward_normaliser is not None:
        learner.reward_normaliser.load(_arrays(tensors["reward_normaliser"]), same_episodes=kept)
    if kept:
        learner.env.load_state(directory / "env")
        model._last_obs = tensors["last_observations"].numpy()
        model._last_episode_starts = tensors["last_episode_starts"].numpy()
    # Last, because building and restoring may draw.
    torch.set_rng_state(tensors["torch_generator"])
    np.random.set_state(tuple(state["numpy"]))
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))


def _tensors(normaliser: Any) -> dict[str, torch.Tensor]:
    return {} if normaliser is None else {name: torch.tensor(value, dtype=torch.float64) for name, value in normaliser.state().items()}


def _arrays(tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
    return {name: tensor.numpy() for name, tensor in tensors.items()}
