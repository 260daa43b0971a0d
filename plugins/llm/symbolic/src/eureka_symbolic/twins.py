"""Signals that are one quantity under two names, as an entry of the observation and the simulator's own state often are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eureka_symbolic.data import Array, Episodes

if TYPE_CHECKING:
    from eureka_symbolic.space import Signal

_SAME, _SAME_IN_FLOAT32 = 1e-6, 1e-5
"""Of the range: one may be in single precision, and recorded episodes are."""


def without_twins(signals: Sequence[Signal], measured: Array, episodes: Episodes) -> list[Signal]:
    """The signals without those that are an earlier one again; that one takes over a hint it has not.

    measured: (S, 3), each one's low, mean and high over random actions. Two that agree in all three are one, unless an episode tells them
    apart. Flags are all kept: the means of two may agree by chance.
    """
    kept: list[int] = []
    goals = [signal.goal for signal in signals]
    spans = measured[:, 2] - measured[:, 0]
    for i, signal in enumerate(signals):
        with np.errstate(invalid="ignore"):  # what is not finite equals nothing
            near = np.abs(measured[kept] - measured[i]).max(axis=1, initial=0.0) <= _SAME * spans[i]
        same = (j for j, is_near in zip(kept, near, strict=True) if is_near and _always(signal, signals[j], episodes))
        twin = None if signal.binary or spans[i] <= 0 else next(same, None)
        if twin is None:
            kept.append(i)
        else:
            goals[twin] = goals[twin] or signal.goal
    return [replace(signals[i], goal=goals[i]) for i in kept]


def _always(one: Signal, other: Signal, episodes: Episodes) -> bool:
    """Whether the two are equal in every state of the episodes, as they are where there is none."""
    a, b = (episodes.states[:, episodes.columns[signal.key]] for signal in (one, other))
    return bool(np.all(np.abs(a - b) <= _SAME_IN_FLOAT32 * (one.hi - one.lo)))
