"""Policies as core evaluates and keeps them: one `policy.safetensors` with the networks, the normalisation and how to build them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.errors import EurekaError
from eureka.spaces import Space
from eureka.training import LoadRequest, Policy
from eureka_population.actor import Actors, Statistics
from eureka_population.network import Floats, Network
from eureka_population.options import POLICY_FILE
from eureka_population.spaces import actions, observation_width

_FORMAT = 1


def as_policy(actors: Actors, trial: int) -> Policy:
    """One trial as a `Policy`. It is no copy: it follows the training."""
    only = np.array([trial], np.int64)

    def act(observations: NDArray[np.generic]) -> NDArray[np.generic]:
        actions: NDArray[np.generic] = actors.likeliest(only, observations[None])[0]
        return actions

    def save(directory: Path) -> None:
        from safetensors.numpy import save_file

        network = actors.network
        arrays: dict[str, NDArray[Any]] = {
            name: np.ascontiguousarray(array) for name, array in network.arrays(actors.parameters[trial]).items()
        }
        if actors.scale:
            arrays |= {f"observations.{name}": array for name, array in actors.statistics.of(trial).items()}
        described = {
            "format": _FORMAT,
            "actor": network.actor,
            "critic": network.critic,
            "activation": network.activation,
            "normalize_observations": actors.scale,
        }
        save_file(arrays, directory / POLICY_FILE, {"population": json.dumps(described)})

    return Policy(act, save)


def load_policy(request: LoadRequest) -> Policy:
    """What `save` wrote; acts exactly as the original did. Raises EurekaError for a file that does not fit."""
    network, row, statistics, scale = read_policy(request.path / POLICY_FILE, request.observation_space, request.action_space)
    return as_policy(Actors(network, row[None], statistics, scale), 0)


def read_policy(path: Path, observation_space: Space, action_space: Space) -> tuple[Network, Floats, Statistics, bool]:
    """Of a `policy.safetensors`: networks, their parameters, what was observed (of one trial), whether that scales. Raises EurekaError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            described = json.loads((file.metadata() or {})["population"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
        if described["format"] != _FORMAT:
            raise EurekaError(
                f"{path}: format {described['format']} is not {_FORMAT}, which this eureka-plugin-population reads; "
                "load it with the version that wrote it."
            )
        network = Network(tuple(described["actor"]), tuple(described["critic"]), described["activation"], actions(action_space))
        width, scale = observation_width(observation_space), bool(described["normalize_observations"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise EurekaError(f"{path}: is no policy of trainer population ({' '.join(str(error).split())}).") from None
    if (network.actor[0], network.actor[-1]) != (width, network.actions.outputs):
        raise EurekaError(
            f"{path}: its actor takes {network.actor[0]} numbers and gives {network.actor[-1]}, "
            f"but here they are {width} and {network.actions.outputs}."
        )
    row, statistics = np.zeros(network.size, np.float32), Statistics(1, width)
    own: dict[str, NDArray[Any]] = {**network.arrays(row)}
    if scale:
        own |= {f"observations.{name}": view for name, view in statistics.of(0).items()}
    shapes, saved = ({name: array.shape for name, array in found.items()} for found in (own, arrays))
    if shapes != saved:
        differing = sorted(name for name in {*shapes, *saved} if shapes.get(name) != saved.get(name))
        raise EurekaError(f"{path}: {', '.join(differing[:3])} do not fit the networks that it describes; the file is damaged.")
    for name, view in own.items():
        view[...] = arrays[name]
    return network, row, statistics, scale
