"""A trained policy out of its run: loaded from a checkpoint, to act in an environment that core never sees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from eureka.checkpoint import CheckpointInfo, check_checkpoint
from eureka.errors import ConfigError, EurekaError, PluginContractError
from eureka.inner import innermost
from eureka.registry import build_manager, make
from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka.training import LoadRequest, Policy
from eureka.types import ComponentSpec


class OpenedPolicy:
    """Deterministic actions for observations. Made by `OpenedRun.policy`.

    path: the checkpoint's directory. observation_space, action_space: what it was trained with, see `eureka.spaces`.
    """

    def __init__(self, path: Path, info: CheckpointInfo, policy: Policy) -> None:
        self.path = path
        self.observation_space = info.observation_space
        self.action_space = info.action_space
        self._policy = policy

    def act(self, observation: Any) -> Any:
        """The action for one observation, or for each of a batch.

        observation: as the environment gives it, or a batch (B, *shape) of arrays; of Dict, Tuple and Discrete ones one at a time.
        Returns an int for a Discrete action, else an array (d,) within its bounds; for a batch (B,) or (B, d). Raises ConfigError for
        another shape.
        """
        space = self.observation_space
        if isinstance(space, Box) and _is_raw(observation, space):
            try:
                observation = space.flatten(observation)
            except ValueError as error:
                raise ConfigError(f"{self.path}: {error}.") from None
        array = np.asarray(observation)
        shape = space.shape if isinstance(space, Box) else () if isinstance(space, Discrete) else (len(space.nvec),)
        if array.shape == shape:
            action = self._applied(self._policy.act(array[None]))[0]
            return int(action) if isinstance(self.action_space, Discrete) else action
        if array.shape[1:] == shape and array.ndim == len(shape) + 1:
            return self._applied(self._policy.act(array))
        raise ConfigError(f"{self.path}: an observation of shape {array.shape}; the policy takes {shape}, or a batch (B, *{shape}).")

    def _applied(self, actions: NDArray[np.generic]) -> NDArray[np.generic]:
        """As the environment takes them: a Box's clipped and of its dtype, a MultiDiscrete's counted from its own start."""
        space = self.action_space
        if isinstance(space, MultiDiscrete) and space.start:
            return np.asarray(actions + np.asarray(space.start))
        if not isinstance(space, Box):
            return actions
        low, high = space.bounds()
        clipped: NDArray[np.generic] = np.clip(actions, low, high).astype(space.dtype)
        return clipped


def _is_raw(observation: Any, space: Box) -> bool:
    """Whether it has yet to become the array that the policy reads."""
    return isinstance(observation, Mapping | tuple) or bool(space.one_hot and np.shape(observation)[-1:] != space.shape)


def load(path: Path, trainer: ComponentSpec) -> OpenedPolicy:
    """The policy of a checkpoint directory. Raises EurekaError for one that is missing, damaged or another trainer's."""
    try:
        info = CheckpointInfo.model_validate_json((path / "checkpoint.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise EurekaError(f"{path}: no checkpoint ({str(error).splitlines()[0]}).") from None
    check_checkpoint(path, innermost("trainer", trainer).use, info)
    hooks = build_manager({"trainer": make("trainer", trainer, "trainer")})
    request = LoadRequest(path=path, observation_space=info.observation_space, action_space=info.action_space)
    policy: Policy | None = hooks.hook.eureka_load_policy(request=request)
    if policy is None:
        raise PluginContractError(f"trainer: {trainer.use}: eureka_load_policy returned nothing; expected a policy.")
    return OpenedPolicy(path, info, policy)
