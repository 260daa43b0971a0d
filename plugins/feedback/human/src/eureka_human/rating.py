"""A rating of programs from comparisons of their policies, by the model of Bradley and Terry (1952)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eureka.history import History
from eureka.types import Preference

_PRIOR = 1.0
"""Precision of the normal prior of every rating: what was never compared has 0, and one comparison makes nobody infinitely good."""


@dataclass(frozen=True)
class Rating:
    """What comparisons tell of P programs. Candidates with equal programs share a rating, whatever policies came of them.

    index: a program's sha256 → its place. mean: float64 (P,), larger is better; `a` is preferred to `b` with probability
    1 / (1 + exp(mean[b] − mean[a])). covariance: float64 (P, P), of the normal approximation around `mean`: how sure that is.
    comparisons: those it was made from.
    """

    index: dict[str, int]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    comparisons: tuple[Preference, ...]


def rate(history: History) -> Rating:
    """The rating of every program that has trained, from all that people preferred among these."""
    import choix  # brings scipy's optimisers

    index: dict[str, int] = {}
    for entry in history.trained():
        index.setdefault(entry.candidate.sha256, len(index))
    counted = comparisons(history)
    acceptable = len(index)  # the item that what is bad loses to
    outcomes: list[tuple[int, int]] = []
    for one in counted:
        left, right = (index[history.by_id[id_].candidate.sha256] for id_ in (one.left, one.right))
        outcomes += _outcomes(one, left, right, acceptable)
    # Each comparison is two outcomes of half a weight, so that a tie can be half a win for each. choix's penalty is alpha · Σ rating²,
    # here against twice the log-likelihood: that of a normal prior of precision alpha.
    mean = choix.opt_pairwise(acceptable + 1, outcomes, alpha=_PRIOR)
    precision = _PRIOR * np.eye(acceptable + 1)
    for winner, loser in outcomes:
        precision += 0.5 * information(mean[winner] - mean[loser]) * _square(acceptable + 1, winner, loser)
    covariance = np.linalg.inv(precision)
    # Rounded, so that what differs by the optimiser's last digits alone is equal.
    return Rating(index, np.round(mean[:-1], 6) + 0.0, np.asarray(covariance[:-1, :-1], np.float64), counted)


def comparisons(history: History) -> tuple[Preference, ...]:
    """The preferences that count: between different programs that have trained, each author's latest to a question."""
    trained = {entry.id: entry.candidate.sha256 for entry in history.trained()}
    latest: dict[tuple[str, str, str], Preference] = {}
    for one in sorted(history.preferences, key=lambda one: (one.time, one.id)):
        if trained.get(one.left, "") != trained.get(one.right, "") and {one.left, one.right} <= {*trained}:
            first, second = (one.question, "") if one.question else sorted((one.left, one.right))
            latest[one.author, first, second] = one
    return tuple(latest.values())


def information(difference: float) -> float:
    """p (1 − p) for two ratings that differ so much: what their comparison tells, most where it is nearest to a toss-up."""
    return 1 / (2 + 2 * math.cosh(min(abs(difference), 50.0)))


def learnt(covariance: NDArray[np.float64], difference: float, left: int, right: int) -> NDArray[np.float64]:
    """The covariance once these two have been compared, however that may end."""
    along = covariance[:, left] - covariance[:, right]
    weight = information(difference)
    return np.asarray(covariance - weight / (1 + weight * (along[left] - along[right])) * np.outer(along, along), np.float64)


def _outcomes(one: Preference, left: int, right: int, acceptable: int) -> Sequence[tuple[int, int]]:
    """(winner, loser), twice per comparison. Where both are bad, that is a tie, and each loses to what would have been acceptable."""
    match one.choice:
        case "left":
            return [(left, right)] * 2
        case "right":
            return [(right, left)] * 2
        case "tie":
            return [(left, right), (right, left)]
    return [(left, right), (right, left), *[(acceptable, left), (acceptable, right)] * 2]


def _square(size: int, winner: int, loser: int) -> NDArray[np.float64]:
    direction = np.zeros(size)
    direction[winner], direction[loser] = 1.0, -1.0
    return np.outer(direction, direction)
