"""What the five environments of classic control have in common when their rows are arrays."""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array


class Dynamics(Protocol):
    """One environment's equations for N rows at once; each number is the one Gymnasium's own code gives, to the last bit.

    A state is float64 (d, N), a row's in a column. Where Gymnasium holds one in float32, so do these numbers.
    """

    at_reset: type[np.floating[Any]]
    """dtype of Gymnasium's `state` right after a reset."""
    after_step: type[np.floating[Any]]
    """And after a step."""

    def __init__(self, env: Any) -> None:
        """env: Gymnasium's own environment, whose constants are taken."""

    def draw(self, rng: np.random.Generator) -> Array:
        """The state (d,) an episode begins in; takes from `rng` what Gymnasium takes."""
        ...

    def observe(self, state: Array, reset: bool = False) -> NDArray[np.float32]:
        """float32 (N, o). reset: these states are resets'."""
        ...

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        """The next state (an array of its own), the native reward (N,) and whether the row terminated (N,).

        actions: (N,) integers or (N, d) of the space's dtype, within bounds. fresh: bool (N,), rows that stand where a reset put them.
        """
        ...


def square(x: NDArray[Any]) -> NDArray[Any]:
    """`x ** 2` (N,) as numpy computes it for a scalar, by `pow`, which rounds otherwise than `x * x`."""
    if _rounds_alike(x.dtype):
        return _squares(x)
    return np.array([number**2 for number in x], x.dtype)


def _squares(x: NDArray[Any]) -> NDArray[Any]:
    # One exponent for all rows would be taken for `x * x`; one for each is not.
    return np.asarray(np.power(x, np.full(x.shape, 2, x.dtype)))


@cache
def _rounds_alike(dtype: np.dtype[Any]) -> bool:
    """Whether numpy's arrays and scalars have the same `pow`: with AVX-512 arrays have one of their own."""
    tried = np.random.default_rng(0).uniform(-10.0, 10.0, 4096).astype(dtype)
    return np.array_equal(_squares(tried), [number**2 for number in tried])
