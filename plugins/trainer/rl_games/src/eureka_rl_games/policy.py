"""Policies as core evaluates and keeps them: rl_games' own `rl_games.pth`, and `policy.json`, which says how to build its network."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rl_games.algos_torch.model_builder import ModelBuilder
from rl_games.common.a2c_common import rescale_actions

from eureka.errors import ConfigError, EurekaError
from eureka.spaces import Discrete, MultiDiscrete, Space
from eureka.training import LoadRequest, Policy
from eureka.validation import show
from eureka_rl_games import checkpoint_file
from eureka_rl_games.spaces import action_space, actions_num, environment_actions, observation_space, seen

_FORMAT = 1
_WEIGHTS, _FIGURES = "rl_games.pth", "rl_games.csv"


def as_policy(
    model: torch.nn.Module,
    params: Mapping[str, Any],
    observations: Space,
    actions: Space,
    device: str,
    write_weights: Callable[[Path], object],
    write_figures: Callable[[Path], object],
) -> Policy:
    """The network as a `Policy` that takes the environment's own observations. It is no copy: it follows the training.

    params: rl_games' tree. write_weights, write_figures: write the library's checkpoint and the epochs' figures.
    """
    clip = bool(params["config"].get("clip_actions", True))
    bounds = action_space(actions, clip)

    def act(batch: NDArray[np.generic]) -> NDArray[np.generic]:
        model.eval()
        seen_batch = torch.from_numpy(seen(batch, observations)).to(device)
        if seen_batch.dtype == torch.uint8:
            seen_batch = seen_batch.float() / 255.0
        with torch.no_grad():
            # Not the model's own call: that would draw an action, and from the generator that training draws from.
            out = model.a2c_network({"obs": model.norm_obs(seen_batch)})[0]
            if isinstance(actions, Discrete):
                chosen = out.argmax(-1)
            elif isinstance(actions, MultiDiscrete):
                chosen = torch.stack([logits.argmax(-1) for logits in out], -1)
            elif clip:
                low, high = (torch.from_numpy(bound).to(device) for bound in (bounds.low, bounds.high))
                chosen = rescale_actions(low, high, out.clamp(-1.0, 1.0))
            else:
                chosen = out
        return environment_actions(chosen.cpu().numpy(), actions)

    def save(directory: Path) -> None:
        write_weights(directory / _WEIGHTS)
        described = {"format": _FORMAT, "rl_games": importlib.metadata.version("rl_games"), "params": params}
        (directory / "policy.json").write_text(json.dumps(described, indent=1) + "\n")
        write_figures(directory / _FIGURES)

    return Policy(act, save)


def load_policy(request: LoadRequest) -> Policy:
    """Rebuild what `save` wrote, on the CPU. Acts as the original did. Raises EurekaError for a file that does not fit."""
    described = _described(request.path)
    params, file = described["params"], request.path / _WEIGHTS
    # Building the network prints, and draws initial weights; whoever else draws from torch's generator must not notice.
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        model = (
            ModelBuilder()
            .load(params)
            .build(
                {
                    "actions_num": actions_num(request.action_space),
                    "input_shape": observation_space(request.observation_space).shape,
                    "num_seqs": 1,
                    "value_size": 1,
                    "normalize_value": params["config"]["normalize_value"],
                    "normalize_input": params["config"]["normalize_input"],
                }
            )
        )
    weights = checkpoint_file.read(file)["model"]
    differing = checkpoint_file.differing(model, weights)
    if differing:
        raise EurekaError(
            f"{file}: {', '.join(differing[:3])} do not fit the network of rl_games {importlib.metadata.version('rl_games')}; the file is "
            f"damaged, or the library's network changed since {described['rl_games']} wrote it."
        )
    model.load_state_dict(weights)

    def copied(name: str) -> Callable[[Path], object]:
        return lambda path: shutil.copyfile(request.path / name, path) if (request.path / name).exists() else None

    return as_policy(model, params, request.observation_space, request.action_space, "cpu", copied(_WEIGHTS), copied(_FIGURES))


def begin_with(agent: Any, params: Mapping[str, Any], path: Path) -> None:
    """Give a fresh agent the networks, the value function's too, and the normalisers of a checkpoint; all else of it stays new.

    Raises ConfigError where they are of other networks than `params` gives.
    """
    theirs, ours = (dict(_network_options(tree)) for tree in (_described(path)["params"], params))
    for place in (place for place in {**ours, **theirs} if ours.get(place) != theirs.get(place)):
        raise ConfigError(
            f"trainer.params.{place}: the policy to begin with, {path}, has {show(theirs.get(place))}, and here it is "
            f"{show(ours.get(place))}. Set the same, or begin with another."
        )
    weights = checkpoint_file.read(path / _WEIGHTS)["model"]
    if differing := checkpoint_file.differing(agent.model, weights):
        raise ConfigError(f"the policy to begin with: {path / _WEIGHTS}: {', '.join(differing[:3])} do not fit the networks here.")
    agent.model.load_state_dict(weights)


def _described(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((path / "policy.json").read_text())
    if described["format"] != _FORMAT:
        raise EurekaError(
            f"{path / 'policy.json'}: format {described['format']} is not {_FORMAT}, which this eureka-plugin-rl-games reads; "
            "load it with the version that wrote it."
        )
    return described


def _network_options(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """By their place under `params`, the options that a trained network is of: how its first weights were drawn is none."""
    yield from _leaves(params["network"], "network")
    config = params["config"]
    yield from {f"config.{name}": config[name] for name in ("normalize_input", "normalize_value")}.items()
    yield "config.clip_actions", config.get("clip_actions", True)


def _leaves(tree: Mapping[str, Any], at: str) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if key.endswith(("_init", "initializer")):
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{at}.{key}")
        else:
            yield f"{at}.{key}", value
