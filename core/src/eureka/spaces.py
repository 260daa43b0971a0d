"""Observation and action spaces of one environment row, without any simulator's library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field


class _Space(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Space):
    """One entry of an observation inside the flat vector it became.

    key: its path, such as `achieved_goal` or `camera.left` or `0`. start, stop: its slice of the vector. shape: before flattening, of the
    one-hot vector for a Discrete entry. categories, first: how many values it has where it is Discrete, and the lowest of them. A
    MultiDiscrete is one Discrete after another: `mode.0`, `mode.1`. image: uint8 pixels, 0 to 255.
    """

    key: str
    start: int
    stop: int
    shape: tuple[int, ...]
    categories: int | None = None
    first: int = 0
    image: bool = False


class Box(_Space):
    """Real arrays. `low` and `high` hold one number per entry in C order (`-inf`/`inf` where unbounded), or one for all.

    parts: what a Dict or Tuple observation was before it was flattened, in order and without gaps; empty for any other.
    one_hot: the same of an observation that is one Discrete (key ``) or one MultiDiscrete (keys `0`, `1`, …).
    """

    type: Literal["box"] = "box"
    shape: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    dtype: str = "float32"
    parts: tuple[Part, ...] = ()
    one_hot: tuple[Part, ...] = ()

    # JSON has no infinity: pydantic writes it as the string "Infinity" and reads it back.
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest value of every entry. Each float64 of shape `shape`."""
        low, high = (np.broadcast_to(np.asarray(b, np.float64), int(np.prod(self.shape))) for b in (self.low, self.high))
        return low.reshape(self.shape), high.reshape(self.shape)

    def sample(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """One random array, uniform where bounded, standard normal where not. Shape: `shape`."""
        low, high = self.bounds()
        bounded = np.isfinite(low) & np.isfinite(high)
        draw = rng.random(self.shape)
        uniform = np.where(bounded, low, 0.0) + draw * (np.where(bounded, high, 1.0) - np.where(bounded, low, 0.0))
        return np.where(bounded, uniform, np.clip(rng.standard_normal(self.shape), low, high))

    def flatten(self, observation: Any) -> NDArray[np.generic]:
        """One raw observation (an array, index, dict or tuple) as the array a policy reads. Shape `shape`, of `dtype`; its own memory.

        Raises ValueError naming the entry that is missing or has another shape or value.
        """
        parts = self.parts or self.one_hot
        if not parts:
            return _reshaped("the observation", observation, self.shape, self.dtype)
        flat = np.zeros(self.shape, self.dtype)
        for part in parts:
            value = _entry(observation, part.key, part.key)
            if part.categories is None:
                flat[part.start : part.stop] = _reshaped(part.key, value, part.shape, self.dtype).ravel()
                continue
            index = int(np.asarray(value).item()) - part.first
            if not 0 <= index < part.categories:
                last = part.first + part.categories - 1
                raise ValueError(f"{part.key or 'the observation'}: {value} is not {part.first} to {last}")
            flat[part.start + index] = 1
        return flat


class Discrete(_Space):
    """Integers `start` to `start + n - 1`."""

    type: Literal["discrete"] = "discrete"
    n: int
    start: int = 0

    def sample(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """One random index. Shape: ()."""
        return np.asarray(self.start + rng.integers(self.n), np.int64)


class MultiDiscrete(_Space):
    """A vector of integers, entry j from 0 to `nvec[j] - 1`.

    start: what the simulator adds to each when it applies them; empty for nothing.
    """

    type: Literal["multi_discrete"] = "multi_discrete"
    nvec: tuple[int, ...]
    start: tuple[int, ...] = ()

    def sample(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """One random vector. Shape: `(len(nvec),)`."""
        return rng.integers(np.asarray(self.nvec), dtype=np.int64)


Space = Annotated[Box | Discrete | MultiDiscrete, Field(discriminator="type")]


def difference(found: Space, wanted: Space) -> str:
    """In what two spaces that are not equal differ: "shape (4,) instead of (3,)"; of several things the one that tells most."""
    names = [name for name in type(found).model_fields if getattr(found, name) != getattr(wanted, name, None)]
    name = next((name for name in ("type", "shape") if name in names), names[0])
    return f"{name} {getattr(found, name)} instead of {getattr(wanted, name)}"


def _reshaped(name: str, value: Any, shape: tuple[int, ...], dtype: str) -> NDArray[np.generic]:
    array = np.array(value, dtype)
    # A MultiBinary of several axes is a flat box.
    if array.size != math.prod(shape) or (array.shape != shape and min(array.ndim, len(shape)) > 1):
        raise ValueError(f"{name}: shape {array.shape} is not {shape}")
    return array.reshape(shape)


def _entry(observation: Any, path: str, key: str) -> Any:
    """The value at `path`; the keys of mappings may hold dots themselves. key: what an error calls it."""
    if not path:
        return observation
    try:
        if isinstance(observation, Mapping):
            name = next(name for name in observation if path == str(name) or path.startswith(f"{name}."))
            return _entry(observation[name], path[len(str(name)) + 1 :], key)
        index, _, rest = path.partition(".")
        entries = observation.ravel() if isinstance(observation, np.ndarray) else observation
        return _entry(entries[int(index)], rest, key)
    except (StopIteration, TypeError, ValueError, LookupError):
        raise ValueError(f"{key}: the observation has no such entry") from None
