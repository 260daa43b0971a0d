"""Which values are always the same as another's."""

from __future__ import annotations

import numpy as np

from eureka.env import Array

ROUNDING = 1e-12
# Observations are often float32, attributes float64.
OF_VALUE, OF_RANGE = 2e-7, 1e-5


class Twins:
    """Recorded values by name, to find the one that another always equals. NaN in a state: it was not there."""

    def __init__(self) -> None:
        self._columns: list[tuple[str, Array]] = []

    def add(self, name: str, value: Array) -> None:
        """Remember the entries of a value (S,) or (S, d) that change, as `name` or `name[2]`."""
        for i, column in enumerate(columns(value)):
            if changes(column):
                self._columns.append((name if value.ndim == 1 else f"{name}[{i}]", column))

    def of(self, value: Array) -> list[str | None]:
        """For each entry of a value (S,) or (S, d): the first that equals it in every state, None where there is none."""
        return [next((name for name, other in self._columns if _equal(column, other)), None) for column in columns(value)]


def columns(value: Array) -> Array:
    """(S,) or (S, d) → (d, S)."""
    return np.asarray(value.reshape(len(value), -1).T)


def changes(value: Array) -> bool:
    """Whether any entry of a value (S,) or (S, d) has two numbers that differ by more than rounding."""
    return any(np.nanmax(column) - np.nanmin(column) > ROUNDING * np.nanmax(np.abs(column)) for column in columns(value))


def _equal(a: Array, b: Array) -> bool:
    slack = OF_RANGE * (np.nanmax(a) - np.nanmin(a))
    if abs(a[-1] - b[-1]) > slack + OF_VALUE * abs(b[-1]):
        return False  # Most differ in the last state already, which spares the long comparison.
    both = ~(np.isnan(a) | np.isnan(b))
    return bool(np.allclose(a[both], b[both], rtol=OF_VALUE, atol=slack))
