"""Between core's spaces and what the networks take and give."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete, MultiDiscrete, Space


@dataclass(frozen=True, slots=True)
class Actions:
    """What the actor gives.

    choices: the number of values of each choice; empty where actions are continuous. width: numbers in an action. outputs: what the actor's
    last layer gives, logits of all choices or means.
    """

    space: Space
    choices: tuple[int, ...]
    width: int
    outputs: int

    def applied(self, actions: NDArray[np.float32]) -> NDArray[np.generic]:
        """A batch (B, width) as the environment takes it: (B,) integers for Discrete, (B, d) integers, or (B, d) within the bounds."""
        space = self.space
        if isinstance(space, Discrete):
            return actions[:, 0].astype(np.int64) + space.start
        if isinstance(space, MultiDiscrete):
            return actions.astype(np.int64)
        low, high = (bound.reshape(-1).astype(np.float32) for bound in space.bounds())
        clipped: NDArray[np.generic] = np.clip(actions, low, high)
        return clipped


def actions(space: Space) -> Actions:
    """How a policy acts in this space."""
    if isinstance(space, Discrete):
        return Actions(space, (space.n,), 1, space.n)
    if isinstance(space, MultiDiscrete):
        return Actions(space, space.nvec, len(space.nvec), sum(space.nvec))
    width = math.prod(space.shape)
    return Actions(space, (), width, width)


def observation_width(space: Space) -> int:
    """Numbers in an observation as the networks take it. Raises ConfigError where they cannot."""
    if not isinstance(space, Box):
        raise ConfigError(
            f"trainer: population takes observations that are arrays of numbers; this environment's are {space.type}. "
            "Put a wrapper that encodes them under task.sim.wrappers, or use trainer: sb3."
        )
    images = [part.key for part in space.parts if part.image]
    if images or (space.dtype == "uint8" and len(space.shape) > 1):
        what = f"entries {', '.join(images)} are" if images else "observations are"
        raise ConfigError(
            f"trainer: population has no networks for images, and this environment's {what} of uint8 with shape {space.shape}. "
            "Use trainer: sb3, which has convolutions."
        )
    return math.prod(space.shape)


def rows_of_numbers(observations: NDArray[np.generic], width: int) -> NDArray[np.float64]:
    """A batch (..., *shape) as float64 (rows, width), contiguous."""
    return np.ascontiguousarray(observations, np.float64).reshape(-1, width)
