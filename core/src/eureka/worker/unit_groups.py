"""Finds unit vectors in recordings, in one variable or spread over several: a cosine and its sine, a quaternion, a direction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from eureka.env import Array

Place = tuple[str, int]
"""A variable and an entry of it, 0 where it has but one."""

_UNIT = 1e-6
"""How far the sum of squares may be from 1: rounding in single precision stays below."""

_COLUMNS, _PAIRS = 500, 1000
"""What a search for pairs is kept to; the largest task we know, Humanoid-v5, has 200 columns that come into question."""


def unit_groups(variables: Mapping[str, Array], flags: Collection[Place]) -> list[list[Place]]:
    """Whole variables, runs of 4 and 3 entries, then pairs, nearest first; so where a place is in several, the first is the likeliest.

    variables: (B,) or (B, d), in the task's order. flags: places that belong to none. Constant entries, such as two of a quaternion that
    turns in a plane, may be in a group, but at least two of its entries vary.
    """
    places: list[Place] = []
    whole: list[range] = []
    for name, column in variables.items():
        whole.append(range(len(places), len(places) + column[0].size))
        places += [(name, entry) for entry in range(column[0].size)]
    values = np.concatenate([column.reshape(len(column), -1) for column in variables.values()], axis=1)
    varies = np.ptp(values, axis=0) > 0
    squares = np.square(values, dtype=float)
    squares[:, (squares.max(axis=0) > 1 + _UNIT) | [place in flags for place in places]] = np.inf
    runs = [range(start, start + width) for width in (4, 3) for start in range(len(places) - width + 1)]
    groups = [*whole, *runs, *_likely_pairs(squares, varies)]
    return [[places[i] for i in group] for group in groups if varies[group].sum() >= 2 and _is_one(squares[:, group].sum(axis=1))]


def is_unit(column: Array) -> bool:
    """Whether a whole variable, (B,) or (B, d), is a unit vector."""
    return column.ndim > 1 and _is_one(np.square(column.reshape(len(column), -1)).sum(axis=1))


def _likely_pairs(squares: Array, varies: Array) -> list[list[int]]:
    """Those whose squares add up to 1 in the mean: quick to find, and few."""
    mean = squares.mean(axis=0)
    some = np.flatnonzero(varies & np.isfinite(mean))[:_COLUMNS]
    pairs = some[np.argwhere(np.triu(np.abs(mean[some][:, None] + mean[some] - 1) <= _UNIT, 1))]
    return sorted(pairs.tolist(), key=lambda pair: pair[1] - pair[0])[:_PAIRS]


def _is_one(sums: Array) -> bool:
    return bool((np.abs(sums - 1) <= _UNIT).all())
