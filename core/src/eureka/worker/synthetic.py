"""Rows no rollout recorded but a training can meet: each variable in turn far from what was measured, or zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.types import EnvContext
from eureka.worker.unit_groups import Place, is_unit, unit_groups

REACH = 10.0
"""How many of its measured half-ranges a variable is taken away from the middle of them."""

_ROWS = 1000
_BASES = 4


class Change(NamedTuple):
    """What is done to a recorded row: one entry of a variable, or all of them where `entry` is None, gets a value."""

    name: str
    entry: int | None
    value: float


class _Column(NamedTuple):
    """One entry of a variable: what to set it to, whether it may be zero, whether it is a flag, count or choice that can change."""

    name: str
    entry: int
    values: list[float]
    zero: bool
    flag: bool


class Synthetic:
    """The synthetic rows of a task, the same for all its candidates.

    arrays: every argument, (B, …). changes: B of them; None in the last rows, where several variables change: all flags to their
    least, then to their most, at last everything to zero.
    """

    def __init__(self, context: EnvContext, recordings: Mapping[str, Array], rng: np.random.Generator) -> None:
        groups = _groups(context, recordings)
        columns = _columns(context, recordings, groups)
        index = {(column.name, column.entry): i for i, column in enumerate(columns)}
        self._flags = {column.name for column in columns if column.flag}
        self._can_be_zero = recordings.keys() - {column.name for column in columns if not column.zero}
        changes = [Change(name, None, 0.0) for name in recordings if name in self._can_be_zero]
        changes += [Change(column.name, column.entry, value) for column in columns for value in column.values]
        if len(changes) > _ROWS:  # evenly over all variables
            changes = [changes[i] for i in np.linspace(0, len(changes) - 1, _ROWS).astype(int)]
        bases = min(_BASES, max(1, _ROWS // max(1, len(changes))))
        changes = [change for change in changes for _ in range(bases)]
        self._ends = 2 * bases if self._flags else 0
        self.changes: list[Change | None] = [*changes, *[None] * self._ends, None]
        base = rng.integers(len(next(iter(recordings.values()))), size=len(self.changes))
        values = np.concatenate([column[base].reshape(len(base), -1) for column in recordings.values()], axis=1)
        for row, (name, entry, value) in zip(values, changes, strict=False):
            row[[i for place, i in index.items() if place[0] == name] if entry is None else index[name, entry]] = value
            if entry is not None and (name, entry) in groups:
                group = [index[place] for place in groups[name, entry]]
                row[group] /= np.linalg.norm(row[group]) or 1.0
        for i, column in enumerate(columns):
            if column.flag:
                values[len(changes) : -1, i] = np.repeat([column.values[0], column.values[-1]], bases)
            if column.name in self._can_be_zero:
                values[-1, i] = 0.0
        self.arrays = {
            name: values[:, [index[name, i] for i in range(column[0].size)]].reshape(-1, *column.shape[1:]).astype(column.dtype)
            for name, column in recordings.items()
        }

    def rows(self, arguments: Sequence[str]) -> NDArray[np.intp]:
        """The rows that tell a reward of these arguments something: one of them is changed, or all flags are, or all are zero."""
        single = [change.name in arguments for change in self.changes if change is not None]
        ends = [not self._flags.isdisjoint(arguments)] * self._ends
        return np.flatnonzero([*single, *ends, self._can_be_zero.issuperset(arguments)])


def _groups(context: EnvContext, recordings: Mapping[str, Array]) -> dict[Place, list[Place]]:
    """The unit vector each place belongs to. What holds for `x` holds for `prev_x`, whose own first states may be before a simulator
    has normalised them."""
    now = {name: column for name, column in recordings.items() if name == _now(name)}
    flags = set()
    for name, column in now.items():
        for i, (entry, low, _) in enumerate(_entries(context, name, column)):
            if _is_whole(entry) and (np.ptp(entry) > 0 or low >= 0):
                flags.add((name, i))
    found: dict[Place, list[Place]] = {}
    for group in unit_groups(now, flags):
        before = [(f"prev_{name}", i) for name, i in group]
        for each in [group, before] if all(name in recordings for name, _ in before) else [group]:
            for place in each:
                found.setdefault(place, each)
    return found


def _columns(context: EnvContext, recordings: Mapping[str, Array], groups: Mapping[Place, list[Place]]) -> list[_Column]:
    columns = []
    for name in recordings:
        seen, now = _seen(recordings, name), recordings.get(_now(name), recordings[name])
        choice = is_unit(now) and _is_whole(now)  # of one out of d: it can be nothing but that
        for i, (entry, low, high) in enumerate(_entries(context, name, seen)):
            if choice or (name, i) in groups:  # what is part of a unit vector may turn, but never shrink
                column = _Column(name, i, [] if choice else _far(entry, -1.0, 1.0), zero=False, flag=False)
            elif _is_whole(entry):
                values, zero = _whole(entry, low, high)
                column = _Column(name, i, values, zero, flag=len(values) > 1)
            else:
                column = _Column(name, i, *_continuous(entry, low, high), flag=False)
            columns.append(column)
    return columns


def _now(name: str) -> str:
    return name.removeprefix("prev_")


def _seen(recordings: Mapping[str, Array], name: str) -> Array:
    """All recorded values of a variable; what `x` was is what `prev_x` can be, in its last state too."""
    return np.concatenate([recordings[each] for each in {name, _now(name)} if each in recordings])


def _entries(context: EnvContext, name: str, column: Array) -> Iterator[tuple[Array, float, float]]:
    """Each entry with its declared bounds, infinite where there are none; those of `x` are those of `prev_x` too."""
    entries = column.reshape(len(column), -1).T
    bounds = next((info.bounds for info in context.variables if info.name == _now(name)), None)
    lows, highs = bounds or ([-np.inf] * len(entries), [np.inf] * len(entries))
    return zip(entries, lows, highs, strict=True)


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


def _is_whole(column: Array) -> bool:
    return bool((column == np.round(column)).all())
