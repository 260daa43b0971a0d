"""Deals samples out by weight, so that who gets a sample depends on nothing that happens in a run."""

from __future__ import annotations

import math
from collections.abc import Sequence

_PER_ITERATION, _PER_RESTART = 0.6180339887, 0.4142135624
"""Fractions of the golden ratio and of √2: their multiples fill a circle evenly, however many there are."""


def turns(weights: Sequence[int]) -> tuple[int, ...]:
    """One round of turns: every index as often as its weight says (in lowest terms), spread as evenly as goes."""
    total, given, round_ = sum(weights), [0] * len(weights), []
    for turn in range(1, total // math.gcd(*weights) + 1):
        furthest_behind = max(range(len(weights)), key=lambda index: weights[index] * turn - given[index] * total)
        given[furthest_behind] += 1
        round_.append(furthest_behind)
    return tuple(round_)


def whose(round_: Sequence[int], restart: int, iteration: int, sample: int) -> int:
    """Whose turn a sample is. Iterations begin at other places of the round, so that a small weight has its turns in short ones, too."""
    begin = int(len(round_) * ((iteration * _PER_ITERATION + restart * _PER_RESTART) % 1))
    return round_[(begin + sample) % len(round_)]
