"""Policies as core evaluates and keeps them: `policy.npz` and `policy.json`, no pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.policies import ActorCriticPolicy

from eureka.errors import EurekaError
from eureka.spaces import Box, Space
from eureka.training import LoadRequest, Policy
from eureka_sb3.normalise import CLIP, EPSILON, ObservationNormaliser
from eureka_sb3.spaces import environment_actions, network_action_space, network_observation_space, network_observations

_FORMAT = 1
_CRITIC = ("mlp_extractor.value_net.", "value_net.")
_STATISTICS = "observations."


def network_arguments(net_arch: tuple[int, ...], activation: str) -> dict[str, Any]:
    """The keywords of `ActorCriticPolicy` for these options."""
    return {"net_arch": list(net_arch), "activation_fn": {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]}


def as_policy(
    network: ActorCriticPolicy,
    normaliser: ObservationNormaliser | None,
    observation_space: Space,
    action_space: Space,
    net_arch: tuple[int, ...],
    activation: str,
) -> Policy:
    """The network as a `Policy` that takes the environment's own observations. It is no copy: it follows the training."""

    def act(observations: NDArray[np.generic]) -> NDArray[np.generic]:
        seen = network_observations(observations, observation_space, normaliser)
        actions, _ = network.predict(seen, deterministic=True)
        return environment_actions(actions, action_space)

    def save(directory: Path) -> None:
        arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items() if not name.startswith(_CRITIC)}
        if normaliser is not None:
            arrays.update({_STATISTICS + name: np.asarray(value) for name, value in normaliser.state().items()})
        np.savez(directory / "policy.npz", **arrays)
        described = {
            "format": _FORMAT,
            "algorithm": "PPO",
            "net_arch": list(net_arch),
            "activation": activation,
            "normalize_observations": normaliser is not None,
            "clip_observations": CLIP,
            "epsilon": EPSILON,
        }
        (directory / "policy.json").write_text(json.dumps(described, indent=1) + "\n")

    return Policy(act, save)


def load_policy(request: LoadRequest) -> Policy:
    """Rebuild what `save` wrote. Acts exactly as the original did. Raises EurekaError for a file that does not fit."""
    torch.set_num_threads(1)
    described = json.loads((request.path / "policy.json").read_text())
    if (described["format"], described["clip_observations"], described["epsilon"]) != (_FORMAT, CLIP, EPSILON):
        raise EurekaError(
            f"{request.path / 'policy.json'}: format {described['format']} is not {_FORMAT}, which this eureka-plugin-sb3 reads; "
            "load it with the version that wrote it."
        )
    with np.load(request.path / "policy.npz", allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    normaliser = None
    if described["normalize_observations"]:
        assert isinstance(request.observation_space, Box)
        normaliser = ObservationNormaliser(request.observation_space.shape)
        normaliser.load({name: arrays.pop(_STATISTICS + name) for name in normaliser.state()})
    # Building the network draws initial weights; whoever else draws from torch's generator must not notice.
    with torch.random.fork_rng(devices=[]):
        network = ActorCriticPolicy(
            network_observation_space(request.observation_space),
            network_action_space(request.action_space),
            lambda _: 0.0,
            **network_arguments(tuple(described["net_arch"]), described["activation"]),
        )
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    missing = [name for name in missing if not name.startswith(_CRITIC)]
    if missing or unexpected:
        raise EurekaError(f"{request.path / 'policy.npz'}: missing {missing}, unexpected {unexpected}; the file is damaged.")
    return as_policy(
        network, normaliser, request.observation_space, request.action_space, tuple(described["net_arch"]), described["activation"]
    )
