"""Policies as core evaluates and keeps them: `policy.npz` and `policy.json`, no pickle."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import stable_baselines3
import torch
from numpy.typing import NDArray
from stable_baselines3.common.policies import BasePolicy

from eureka.errors import ConfigError, EurekaError
from eureka.spaces import Space
from eureka.training import LoadRequest, Policy
from eureka.validation import show
from eureka_sb3.networks import Network
from eureka_sb3.normalise import CLIP, EPSILON, ObservationNormaliser
from eureka_sb3.spaces import View, environment_actions, network_action_space

if TYPE_CHECKING:
    from eureka_sb3.learner import Learner

_FORMAT = 2
_STATISTICS = "observations."
_ZIP = "sb3.zip"


def as_policy(
    network: Network,
    module: BasePolicy,
    view: View,
    normaliser: ObservationNormaliser | None,
    action_space: Space,
    write_zip: Callable[[Path], object],
) -> Policy:
    """The network as a `Policy` that takes the environment's own observations. It is no copy: it follows the training.

    write_zip: writes the library's own file beside ours, for people; nothing here reads it.
    """

    def act(observations: NDArray[np.generic]) -> NDArray[np.generic]:
        seen = view.convert(observations) if normaliser is None else normaliser(observations)
        actions, _ = module.predict(seen, deterministic=True)
        return environment_actions(actions, action_space)

    def save(directory: Path) -> None:
        arrays = {name: tensor.cpu().numpy() for name, tensor in module.state_dict().items() if _acts(network, name)}
        if normaliser is not None:
            arrays.update({_STATISTICS + name: np.asarray(value) for name, value in normaliser.state().items()})
        np.savez(directory / "policy.npz", **arrays)
        described = {
            "format": _FORMAT,
            "stable_baselines3": stable_baselines3.__version__,
            **dataclasses.asdict(network),
            "normalize_observations": normaliser is not None,
            "clip_observations": CLIP,
            "epsilon": EPSILON,
        }
        (directory / "policy.json").write_text(json.dumps(described, indent=1) + "\n")
        write_zip(directory / _ZIP)

    return Policy(act, save)


def load_policy(request: LoadRequest) -> Policy:
    """Rebuild what `save` wrote. Acts exactly as the original did. Raises EurekaError for a file that does not fit."""
    described, network, arrays = _read(request.path)
    view = network.view(request.observation_space)
    normaliser = None
    if described["normalize_observations"]:
        normaliser = ObservationNormaliser(view.space.shape or ())
        normaliser.load({name: arrays.pop(_STATISTICS + name) for name in normaliser.state()})
    keywords = {**network.keywords(), **({"use_sde": True} if network.use_sde else {})}
    # Building the network draws initial weights; whoever else draws from torch's generator must not notice.
    with torch.random.fork_rng(devices=[]):
        module = network.policy_class()(view.space, network_action_space(request.action_space), lambda _: 0.0, **keywords)
    _fill(network, module, arrays, request.path / "policy.npz", described["stable_baselines3"])

    def copy_zip(path: Path) -> None:
        if (request.path / _ZIP).exists():
            shutil.copyfile(request.path / _ZIP, path)

    return as_policy(network, module, view, normaliser, request.action_space, copy_zip)


def begin_with(learner: Learner, path: Path) -> None:
    """Give a fresh learner the policy and the normalisation of a checkpoint; all else of it stays new.

    Raises ConfigError where they are of other networks than the options give.
    """
    described, network, arrays = _read(path)
    theirs = _options(network, described["normalize_observations"])
    ours = _options(learner.network, learner.observation_normaliser is not None)
    for place in (place for place in {**ours, **theirs} if ours.get(place) != theirs.get(place)):
        raise ConfigError(
            f"{place}: the policy to begin with, {path}, has {show(theirs.get(place))}, and the options here give {show(ours.get(place))}. "
            "Set the same, or begin with another."
        )
    if learner.observation_normaliser is not None:
        normaliser = learner.observation_normaliser
        normaliser.load({name: arrays.pop(_STATISTICS + name) for name in normaliser.state()})
    module = learner.model.policy
    _fill(network, module, arrays, path / "policy.npz", described["stable_baselines3"])
    for name in ("actor", "q_net"):  # as the library builds them
        if getattr(module, f"{name}_target", None) is not None:
            getattr(module, f"{name}_target").load_state_dict(getattr(module, name).state_dict())
    learner.begins_at_random = False


def _options(network: Network, normalises: bool) -> dict[str, Any]:
    """The options, by their place, that a policy is of."""
    own = {"net_arch": "trainer.net_arch", "activation_fn": "trainer.activation"}
    arguments = {own.get(name, f"trainer.policy_kwargs.{name}"): value for name, value in network.arguments.items()}
    about = {"trainer.algorithm": network.algorithm, "trainer.policy": network.policy, "trainer.use_sde": network.use_sde}
    return {**about, **arguments, "trainer.normalize_observations": normalises}


def _read(path: Path) -> tuple[dict[str, Any], Network, dict[str, NDArray[Any]]]:
    """What a checkpoint says of itself, its network and all its arrays. Raises EurekaError for another version's."""
    described = json.loads((path / "policy.json").read_text())
    if (described["format"], described.get("clip_observations"), described.get("epsilon")) != (_FORMAT, CLIP, EPSILON):
        raise EurekaError(
            f"{path / 'policy.json'}: format {described['format']} is not {_FORMAT}, which this eureka-plugin-sb3 reads; "
            "load it with the version that wrote it."
        )
    with np.load(path / "policy.npz", allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return described, Network(**{field.name: described[field.name] for field in dataclasses.fields(Network)}), arrays


def _fill(network: Network, module: BasePolicy, arrays: dict[str, NDArray[np.generic]], path: Path, version: str) -> None:
    """Put the saved weights into the network. Raises EurekaError where they do not fit it."""
    own = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items() if _acts(network, name)}
    saved = {name: array.shape for name, array in arrays.items()}
    if own != saved:
        differing = sorted(name for name in {*own, *saved} if own.get(name) != saved.get(name))
        raise EurekaError(
            f"{path}: {', '.join(differing[:3])} do not fit the network of stable-baselines3 {stable_baselines3.__version__}; the file is "
            f"damaged, or the network's class changed since {version} wrote it."
        )
    module.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, strict=False)


def _acts(network: Network, name: str) -> bool:
    """Whether acting needs this parameter. Of a user's own class, all of them might."""
    if network.custom:
        return True
    if network.algorithm == "PPO":
        # The features extractors' other names, for the same parameters or the critic's.
        return not name.startswith(("mlp_extractor.value_net.", "value_net.", "pi_features_extractor.", "vf_features_extractor."))
    return name.startswith("q_net." if network.algorithm == "DQN" else "actor.")
