"""Rows no rollout recorded but a training can meet: each variable in turn far from what was measured, or zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.types import EnvContext

REACH = 10.0
"""How many of its measured half-ranges a variable is taken away from the middle of them."""

_ROWS = 1000
_BASES = 4
_UNIT = 1e-6


class Change(NamedTuple):
    """What is done to a recorded row: one entry of a variable, or all of them where `entry` is None, gets a value."""

    name: str
    entry: int | None
    value: float


class Synthetic:
    """The synthetic rows of a task, the same for all its candidates.

    arrays: every argument, (B, …). changes: B of them; the last, None, makes everything zero.
    """

    def __init__(self, context: EnvContext, recordings: Mapping[str, Array], rng: np.random.Generator) -> None:
        units = {name for name, column in recordings.items() if _is_unit(column)}
        reach = {name: _reach(_seen(recordings, name), _bounds(context, name), name in units) for name in recordings}
        self._can_be_zero = {name for name, entries in reach.items() if all(zero for _, zero in entries)}
        changes = [Change(name, None, 0.0) for name in recordings if name in self._can_be_zero]
        changes += [Change(name, i, value) for name, entries in reach.items() for i, (far, _) in enumerate(entries) for value in far]
        if len(changes) > _ROWS:  # evenly over all variables
            changes = [changes[i] for i in np.linspace(0, len(changes) - 1, _ROWS).astype(int)]
        bases = min(_BASES, max(1, _ROWS // max(1, len(changes))))
        changes = [change for change in changes for _ in range(bases)]
        self.changes: list[Change | None] = [*changes, None]
        base = rng.integers(len(next(iter(recordings.values()))), size=len(self.changes))
        self.arrays = {name: column[base] for name, column in recordings.items()}
        for row, (name, entry, value) in enumerate(changes):
            values = self.arrays[name].reshape(len(base), -1)[row]
            values[slice(None) if entry is None else entry] = value
            if name in units:
                values /= np.linalg.norm(values)
        for name in self._can_be_zero:
            self.arrays[name][-1] = 0.0

    def rows(self, arguments: Sequence[str]) -> NDArray[np.intp]:
        """The rows that tell a reward of these arguments something: one of them is changed, or all are zero."""
        zero = self._can_be_zero.issuperset(arguments)
        return np.flatnonzero([zero if change is None else change.name in arguments for change in self.changes])


def _seen(recordings: Mapping[str, Array], name: str) -> Array:
    """All recorded values of a variable; what `x` was is what `prev_x` can be, in its last state too."""
    return np.concatenate([recordings[each] for each in {name, name.removeprefix("prev_")} if each in recordings])


def _bounds(context: EnvContext, name: str) -> tuple[Sequence[float], Sequence[float]] | None:
    """Those of `x` are those of `prev_x` too."""
    return next((info.bounds for info in context.variables if info.name == name.removeprefix("prev_")), None)


def _reach(column: Array, bounds: tuple[Sequence[float], Sequence[float]] | None, unit: bool) -> list[tuple[list[float], bool]]:
    """For each entry of a variable (B,) or (B, d): what to set it to, and whether it may be zero together with the others."""
    entries = column.reshape(len(column), -1).T
    if unit:  # it may turn, but never shrink; and a choice of one out of d can be nothing but that
        return [([] if _is_whole(column) else _far(entry, -1.0, 1.0), False) for entry in entries]
    lows, highs = bounds or ([-np.inf] * len(entries), [np.inf] * len(entries))
    return [(_whole if _is_whole(entry) else _continuous)(entry, *limits) for entry, *limits in zip(entries, lows, highs, strict=True)]


def _whole(entry: Array, low: float, high: float) -> tuple[list[float], bool]:
    """A flag, count or choice: the outermost values that were recorded or are declared, nothing between."""
    declared = [bound for bound in (low, high) if np.isfinite(bound) and bound == np.round(bound)]
    return sorted({float(entry.min()), float(entry.max()), *declared}), bool((entry == 0).any()) or (
        len(declared) == 2 and low <= 0 <= high
    )


def _continuous(entry: Array, low: float, high: float) -> tuple[list[float], bool]:
    """Far away, but within the declared bounds. Where there is none, what was never negative or never positive stays so, and what
    was never zero either: a reward may well take the square root or the logarithm of a distance."""
    least, most = float(entry.min()), float(entry.max())
    lower = min(low, least) if np.isfinite(low) else least / REACH if least >= 0 else -np.inf
    upper = max(high, most) if np.isfinite(high) else most / REACH if most <= 0 else np.inf
    return _far(entry, lower, upper), lower <= 0 <= upper


def _far(entry: Array, lower: float, upper: float) -> list[float]:
    centre, half = (entry.max() + entry.min()) / 2, (entry.max() - entry.min()) / 2
    far: list[float] = np.clip([centre - REACH * half, centre + REACH * half], lower, upper).tolist()
    return far if half else []


def _is_unit(column: Array) -> bool:
    return column.ndim == 2 and column.shape[1] >= 2 and bool((np.abs(np.linalg.norm(column, axis=1) - 1.0) <= _UNIT).all())


def _is_whole(column: Array) -> bool:
    return bool((column == np.round(column)).all())
