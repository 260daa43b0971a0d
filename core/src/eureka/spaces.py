"""Observation and action spaces of one environment row, without any simulator's library."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field


class _Space(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Space):
    """One entry of a Dict or Tuple observation inside the flat vector it became.

    key: its path, such as `achieved_goal` or `camera.left` or `0`. start, stop: its slice of the vector. shape: before flattening, of the
    one-hot vector for a Discrete entry. categories: how many values it has where it is Discrete. image: uint8 pixels, 0 to 255.
    """

    key: str
    start: int
    stop: int
    shape: tuple[int, ...]
    categories: int | None = None
    image: bool = False


class Box(_Space):
    """Real arrays. `low` and `high` hold one number per entry in C order (`-inf`/`inf` where unbounded), or one for all.

    parts: what a Dict or Tuple observation was before it was flattened, in order and without gaps; empty for any other.
    """

    type: Literal["box"] = "box"
    shape: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    dtype: str = "float32"
    parts: tuple[Part, ...] = ()

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


class Discrete(_Space):
    """Integers `start` to `start + n - 1`."""

    type: Literal["discrete"] = "discrete"
    n: int
    start: int = 0

    def sample(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """One random index. Shape: ()."""
        return np.asarray(self.start + rng.integers(self.n), np.int64)


class MultiDiscrete(_Space):
    """A vector of integers, entry j from 0 to `nvec[j] - 1`."""

    type: Literal["multi_discrete"] = "multi_discrete"
    nvec: tuple[int, ...]

    def sample(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """One random vector. Shape: `(len(nvec),)`."""
        return rng.integers(np.asarray(self.nvec), dtype=np.int64)


Space = Annotated[Box | Discrete | MultiDiscrete, Field(discriminator="type")]
