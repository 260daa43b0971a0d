"""Gymnasium spaces as `eureka.spaces`: what the policy sees of an observation and how its actions are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete, MultiDiscrete, Part, Space

FLAT = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
OBSERVATIONS = "Box, Discrete, MultiDiscrete, MultiBinary, or a Dict or Tuple of these"
ACTIONS = "Box, Discrete, MultiDiscrete or MultiBinary"


@dataclass(frozen=True, slots=True)
class Observations:
    """How raw observations reach the policy.

    space: a Box is taken as it is; a Discrete becomes its one-hot vector; MultiDiscrete, MultiBinary, Dict and Tuple are
        flattened as by `gymnasium.spaces.utils.flatten`, and `parts` or `one_hot` tell from what.
    encode: one raw observation → array of the space's shape.
    stacked: the policy's array is the raw observation, so sources can index the whole batch at once.
    """

    space: Box
    encode: Callable[[Any], Any]
    stacked: bool


@dataclass(frozen=True, slots=True)
class Actions:
    """How a batch of the policy's actions is applied.

    clip: actions (N,) or (N, d) → the same as the environment takes them, all rows in one array.
    """

    space: Space
    clip: Callable[[NDArray[np.generic]], NDArray[np.generic]]

    def apply(self, batch: NDArray[np.generic]) -> tuple[Sequence[Any], Array]:
        """Actions (N,) or (N, d) → one action per row for `env.step`, and what that is as float64 (N, d)."""
        rows = self.clip(batch)
        return rows.tolist() if isinstance(self.space, Discrete) else list(rows), rows.reshape(len(rows), -1).astype(np.float64)


def observations(space: spaces.Space[Any]) -> Observations:
    """Raises ConfigError for a space that has no arrays of one shape (Text, Graph, Sequence, OneOf)."""
    if isinstance(space, spaces.Box):
        return Observations(_box(space, space.shape, space.dtype), _as_it_is, stacked=True)
    refused = _without_shape(space)
    if refused is not None:
        raise ConfigError(
            f"sim.env: the observation space has a {refused}, which policies cannot read; readable are {OBSERVATIONS}. "
            "Put a wrapper that turns it into one of these under sim.wrappers."
        )
    flat = spaces.utils.flatten_space(space)
    dtype = flat.dtype if flat.dtype.kind == "f" else np.dtype(np.float32)
    field = "parts" if isinstance(space, spaces.Dict | spaces.Tuple) else "one_hot"
    parts = () if isinstance(space, spaces.MultiBinary) else tuple(_parts(space))
    box = _box(flat, flat.shape, dtype).model_copy(update={field: parts})
    return Observations(box, box.flatten, stacked=False)


def actions(space: spaces.Space[Any]) -> Actions:
    """Raises ConfigError for any space but Box, Discrete, MultiDiscrete and MultiBinary."""
    if isinstance(space, spaces.Box):
        return _continuous(space)
    if isinstance(space, spaces.Discrete):
        return Actions(Discrete(n=int(space.n), start=int(space.start)), _indices)
    if isinstance(space, spaces.MultiDiscrete):
        return _entries(space, np.asarray(space.nvec), np.asarray(space.start))
    if isinstance(space, spaces.MultiBinary):
        return _entries(space, np.full(space.shape, 2), np.zeros(space.shape, np.int64))
    raise ConfigError(
        f"sim.env: the action space is a {type(space).__name__}; policies can act in {ACTIONS}. "
        "Put a wrapper that turns it into one of these under sim.wrappers."
    )


def _as_it_is(observation: Any) -> Any:
    return observation


def _box(space: spaces.Box, shape: tuple[int, ...], dtype: Any) -> Box:
    low, high = (np.asarray(bound, np.float64).ravel() for bound in (space.low, space.high))
    if low.size and (low == low[0]).all() and (high == high[0]).all():
        low, high = low[:1], high[:1]
    return Box(shape=tuple(shape), low=tuple(low.tolist()), high=tuple(high.tolist()), dtype=np.dtype(dtype).name)


def _parts(space: spaces.Space[Any], path: tuple[str, ...] = (), start: int = 0) -> Iterator[Part]:
    """The space's entries in the order of `gymnasium.spaces.utils.flatten`."""
    if isinstance(space, spaces.Dict | spaces.Tuple | spaces.MultiDiscrete):
        for key, inner in _entries_of(space):
            yield from _parts(inner, (*path, str(key)), start)
            start += spaces.utils.flatdim(inner)
        return
    key, size = ".".join(path), spaces.utils.flatdim(space)
    if isinstance(space, spaces.Discrete):
        yield Part(key=key, start=start, stop=start + size, shape=(size,), categories=size, first=int(space.start))
    else:
        yield Part(key=key, start=start, stop=start + size, shape=space.shape, image=_is_image(space))


def _entries_of(space: Any) -> Iterator[tuple[Any, spaces.Space[Any]]]:
    if isinstance(space, spaces.MultiDiscrete):
        pairs = zip(space.nvec.ravel(), space.start.ravel(), strict=True)
        return enumerate(spaces.Discrete(int(n), start=int(first)) for n, first in pairs)
    return iter(space.spaces.items()) if isinstance(space, spaces.Dict) else enumerate(space.spaces)


def _is_image(space: spaces.Space[Any]) -> bool:
    pixels = isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) >= 2
    return bool(pixels and (space.low == 0).all() and (space.high == 255).all())


def _without_shape(space: spaces.Space[Any]) -> str | None:
    """The name of the first part that is no array of a fixed shape."""
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return next((refused for part in parts if (refused := _without_shape(part)) is not None), None)
    return None if isinstance(space, (spaces.Box, *FLAT)) else type(space).__name__


def _continuous(space: spaces.Box) -> Actions:
    """A Box of any shape; the policy acts in its flat form."""
    size = int(np.prod(space.shape))
    low, high = (np.asarray(bound, np.float64).reshape(1, size) for bound in (space.low, space.high))

    def clip(batch: NDArray[np.generic]) -> NDArray[np.generic]:
        rows = np.clip(np.asarray(batch, np.float64).reshape(len(batch), size), low, high).astype(space.dtype)
        return rows.reshape(len(batch), *space.shape)

    return Actions(_box(space, (size,), space.dtype), clip)


def _indices(batch: NDArray[np.generic]) -> NDArray[np.generic]:
    # "same_kind" refuses floats: rounding them down would hide a policy's mistake.
    return np.asarray(batch).astype(np.int64, casting="same_kind").reshape(len(batch))


def _entries(space: spaces.Space[Any], nvec: NDArray[Any], start: NDArray[Any]) -> Actions:
    """A vector of integers. Eureka's count from 0; the space's own start is added when they are applied."""

    def clip(batch: NDArray[np.generic]) -> NDArray[np.generic]:
        indices = np.asarray(batch).astype(np.int64, casting="same_kind").reshape(len(batch), *nvec.shape) + start
        return np.asarray(indices.astype(space.dtype))

    first = tuple(start.ravel().tolist()) if start.any() else ()
    return Actions(MultiDiscrete(nvec=tuple(nvec.ravel().tolist()), start=first), clip)
