"""Between core's spaces and arrays and what rl_games' networks take and give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete, MultiDiscrete, Space

if TYPE_CHECKING:
    import gymnasium


def observation_space(space: Space) -> gymnasium.Space[Any]:
    """What the network sees: a Box of uint8, which rl_games divides by 255, or of float32. Raises ConfigError for anything else."""
    from gymnasium import spaces

    if not isinstance(space, Box):
        raise ConfigError(
            f"trainer: rl_games takes observations that are arrays; this environment's are {space.type}. "
            "Put a wrapper that encodes them under task.sim.wrappers, or use trainer: sb3."
        )
    if is_bytes(space):
        return spaces.Box(0, 255, space.shape, np.uint8)
    return spaces.Box(-np.inf, np.inf, space.shape, np.float32)


def is_bytes(space: Space) -> bool:
    """Whether observations stay uint8: images, or an array of bytes. What was flattened out of several parts does not."""
    return isinstance(space, Box) and space.dtype == "uint8" and not space.parts and not space.one_hot


def seen(observations: NDArray[np.generic], space: Space) -> NDArray[Any]:
    """Observations (B, *shape) as the network takes them, uint8 or float32."""
    return np.ascontiguousarray(observations, np.uint8 if is_bytes(space) else np.float32)


def action_space(space: Space, clip: bool) -> gymnasium.Space[Any]:
    """What the network gives: Discrete from 0, a Tuple of these, or a flat Box of float32.

    clip: the network's -1 to 1 is scaled to the bounds. Raises ConfigError where there are none then.
    """
    from gymnasium import spaces

    if isinstance(space, Discrete):
        return spaces.Discrete(space.n)
    if isinstance(space, MultiDiscrete):
        return spaces.Tuple([spaces.Discrete(n) for n in space.nvec])
    low, high = (bound.reshape(-1).astype(np.float32) for bound in space.bounds())
    if clip and not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ConfigError(
            f"trainer: rl_games scales actions of -1 to 1 to the environment's bounds, which are low={list(space.low)}, "
            f"high={list(space.high)}. Set params.config.clip_actions: false, which passes actions on as they are, or add a wrapper that "
            "rescales actions to the task's `sim.wrappers`."
        )
    return spaces.Box(low, high, dtype=np.float32)


def actions_num(space: Space) -> int | list[int]:
    """How rl_games' networks are told how many outputs they have."""
    if isinstance(space, Discrete):
        return space.n
    return list(space.nvec) if isinstance(space, MultiDiscrete) else math.prod(space.shape)


def environment_actions(actions: NDArray[np.generic], space: Space) -> NDArray[np.generic]:
    """The network's actions as the environment takes them: (B,) integers for Discrete, else (B, d)."""
    return actions + space.start if isinstance(space, Discrete) else actions
