"""Between core's spaces and arrays and what stable-baselines3's networks take and give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete, MultiDiscrete, Part, Space
from eureka_sb3.images import channels_first, is_image, is_pixels

if TYPE_CHECKING:
    import gymnasium

Seen = NDArray[Any] | dict[str, NDArray[Any]]
"""A batch as a network takes it: an array, or one per part of a Dict observation."""


@dataclass(frozen=True, slots=True)
class View:
    """How a network sees the environment's observations.

    space: of one row. convert: (B, *shape) → float32 (B, *shape) for a Box, uint8 (B, C, H, W) for pixels, int64 counted from 0
        for integers, a dict of these for parts. flat: it is a plain vector of numbers, which can be scaled.
    """

    space: gymnasium.Space[Any]
    convert: Callable[[NDArray[np.generic]], Seen]
    flat: bool = False


def view(space: Space, by_parts: bool) -> View:
    """by_parts: as the dict a Box was before it was flattened. Boxes of numbers are unbounded: bounds would only make the library
    guess at images."""
    from gymnasium import spaces

    if isinstance(space, Discrete):
        start = space.start
        return View(spaces.Discrete(space.n), lambda batch: np.asarray(batch, np.int64) - start)
    if isinstance(space, MultiDiscrete):
        return View(spaces.MultiDiscrete(np.asarray(space.nvec)), lambda batch: np.asarray(batch, np.int64))
    if by_parts:
        return _dict_view(space)
    if is_pixels(space):
        return _image_view(space.shape)
    return View(spaces.Box(-np.inf, np.inf, space.shape, np.float32), lambda batch: np.asarray(batch, np.float32), flat=True)


def _image_view(shape: tuple[int, ...]) -> View:
    from gymnasium import spaces

    one = channels_first(np.empty((1, *shape), np.uint8))
    return View(spaces.Box(0, 255, one.shape[1:], np.uint8), lambda batch: channels_first(np.asarray(batch, np.uint8)))


def _part_view(part: Part) -> View:
    inner = _image_view(part.shape) if is_image(part) else view(Box(shape=part.shape, low=(-np.inf,), high=(np.inf,)), by_parts=False)
    return View(inner.space, lambda batch: inner.convert(batch[:, part.start : part.stop].reshape(-1, *part.shape)))


def _dict_view(space: Box) -> View:
    from gymnasium import spaces

    # The library names a module after each key, and such a name holds no dot.
    parts = {part.key.replace(".", "/"): _part_view(part) for part in space.parts}

    def convert(batch: NDArray[np.generic]) -> Seen:
        return {key: np.asarray(part.convert(batch)) for key, part in parts.items()}

    return View(spaces.Dict({key: part.space for key, part in parts.items()}), convert)


def library_space(space: Space, seen: View) -> gymnasium.Space[Any]:
    """The environment's own space, with its bounds and dtype, where what a network sees is the same array of floats; else the network's."""
    from gymnasium import spaces

    if not (isinstance(space, Box) and seen.flat and space.dtype.startswith("float")) or space.parts or space.one_hot:
        return seen.space
    low, high = (bound.astype(space.dtype) for bound in space.bounds())
    return spaces.Box(low, high, dtype=np.dtype(space.dtype).type)


def row(batch: Seen, index: int) -> Any:
    """One row of a batch."""
    return {key: part[index] for key, part in batch.items()} if isinstance(batch, Mapping) else batch[index]


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


def environment_actions(actions: NDArray[np.generic], space: Space) -> NDArray[np.generic]:
    """The network's actions as the environment takes them: (B,) integers for Discrete, else (B, d)."""
    return actions + space.start if isinstance(space, Discrete) else actions
