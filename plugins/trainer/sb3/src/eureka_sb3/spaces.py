"""Between core's spaces and arrays and what stable-baselines3's networks take and give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete, MultiDiscrete, Space

if TYPE_CHECKING:
    import gymnasium

    from eureka_sb3.normalise import ObservationNormaliser


def network_observation_space(space: Space) -> gymnasium.Space[Any]:
    """What the network sees. Boxes are float32 and unbounded: bounds would only make the library guess at images."""
    from gymnasium import spaces

    if isinstance(space, Box):
        return spaces.Box(-np.inf, np.inf, space.shape, np.float32)
    if isinstance(space, Discrete):
        return spaces.Discrete(space.n)
    return spaces.MultiDiscrete(np.asarray(space.nvec))


def network_action_space(space: Space) -> gymnasium.Space[Any]:
    """What the network gives: Discrete from 0, Box flat as float32. Raises ConfigError for an unbounded Box."""
    from gymnasium import spaces

    if isinstance(space, Discrete):
        return spaces.Discrete(space.n)
    if isinstance(space, MultiDiscrete):
        return spaces.MultiDiscrete(np.asarray(space.nvec))
    low, high = (bound.reshape(-1).astype(np.float32) for bound in space.bounds())
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ConfigError(
            f"trainer: sb3 needs finite action bounds; the environment's are low={list(space.low)}, high={list(space.high)}. "
            "Add a wrapper that rescales actions to the task's `sim.wrappers`."
        )
    return spaces.Box(low, high, dtype=np.float32)


def network_observations(
    observations: NDArray[np.generic], space: Space, normaliser: ObservationNormaliser | None
) -> NDArray[np.float32] | NDArray[np.int64]:
    """The environment's observations as the network takes them. float32 (B, *shape) for Box, else int64 counted from 0."""
    if isinstance(space, Discrete):
        return np.asarray(observations, np.int64) - space.start
    if isinstance(space, MultiDiscrete):
        return np.asarray(observations, np.int64)
    if normaliser is not None:
        return normaliser(observations)
    return np.asarray(observations, np.float32)


def environment_actions(actions: NDArray[np.generic], space: Space) -> NDArray[np.generic]:
    """The network's actions as the environment takes them: (B,) integers for Discrete, else (B, d)."""
    return actions + space.start if isinstance(space, Discrete) else actions
