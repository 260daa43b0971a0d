"""What programs of a task may read: scalar signals with their ranges, the action's bounds, termination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eureka.errors import ConfigError
from eureka.types import EnvContext, VariableInfo
from eureka_symbolic import signal_keys
from eureka_symbolic.data import Episodes
from eureka_symbolic.grammar import Program, Term, rounded
from eureka_symbolic.twins import without_twins

Goal = Literal["high", "low", "zero"] | None


@dataclass(frozen=True, slots=True)
class Signal:
    """A scalar state variable, one entry of a vector one, or a vector's length (`signal_keys.py`); lo < hi."""

    key: str
    variable: str
    lo: float
    hi: float
    goal: Goal = None
    prev: bool = True

    @property
    def h(self) -> float:
        return (self.hi - self.lo) / 2

    @property
    def mid(self) -> float:
        return (self.hi + self.lo) / 2

    @property
    def zero(self) -> float:
        """0, or the end of the range nearest to it."""
        return min(max(0.0, self.lo), self.hi)

    @property
    def binary(self) -> bool:
        """A flag such as a contact."""
        return self.lo == 0.0 and self.hi == 1.0


@dataclass(frozen=True, slots=True)
class Space:
    """signals: those that vary, each quantity once. terminated: it is a variable; `ends`: it was seen to be 1, and only then new terms
    speak of it. limits: largest |action| per entry, empty for discrete actions, whose index means nothing to arithmetic."""

    signals: tuple[Signal, ...]
    known: dict[str, bool]
    terminated: bool
    ends: bool
    limits: tuple[float, ...]
    torch: bool

    def signal(self, key: str) -> Signal | None:
        """The signal of this key; None while it does not vary."""
        return next((s for s in self.signals if s.key == key), None)

    @property
    def hinted(self) -> tuple[Signal, ...]:
        return tuple(s for s in self.signals if s.goal)

    def allows(self, program: Program) -> bool:
        """Whether it reads only what this task has; false for a program that came from elsewhere."""
        return all(self._allows(term) for term in program.terms)

    def _allows(self, term: Term) -> bool:
        if any(f.signal not in self.known for f in term.features):
            return False
        if term.kind == "diff":
            return all(self.known[f.signal] for f in term.features)
        if term.kind in ("terminated", "gate"):
            return self.terminated
        if term.kind in ("push", "effort"):
            return 0 <= term.action < len(self.limits)
        return True

    def varies(self, program: Program) -> bool:
        """Whether its total tells states apart. A price on effort or on an end that never came alone does not."""
        return any(t.kind in ("state", "diff", "push") or (self.ends and t.kind in ("terminated", "gate")) for t in program.terms)


def make_space(context: EnvContext, episodes: Episodes, hints: bool) -> Space:
    """Ranges over random actions, widened to the .5 and 99.5 % quantiles of all evaluation states so far."""
    signals, still, known, measured = [], [], {}, []
    seen = episodes.quantiles(0.005, 0.995)
    for v in context.variables:
        if v.name in ("action", "terminated") or v.common or len(v.shape) > 1:
            continue
        for key, goal, low, mean, high in _measured(v):
            known[key] = prev = v.name in context.has_prev
            ends = [x for x in (low, high, *seen.get(key, ())) if np.isfinite(x)] or [0.0]
            lo, hi = min(ends), max(ends)
            goal = goal if hints else None
            if hi - lo > 1e-9 * max(1.0, abs(lo), abs(hi)):
                signals.append(Signal(key, v.name, lo, hi, goal, prev))
                measured.append((low, mean, high))
            else:
                still.append(Signal(key, v.name, lo - 1.0, hi + 1.0, goal, prev))
    if not known:
        raise ConfigError(
            f"generator: symbolic designs rewards from state variables and task {context.task!r} has none "
            "(found only `action` and `terminated`). Add entries under `variables:`, e.g. `position: obs[0]`."
        )
    end = next((v for v in context.variables if v.name == "terminated"), None)
    return Space(
        signals=tuple(without_twins(signals, np.array(measured), episodes) if signals else still),
        known=known,
        terminated=end is not None,
        ends=end is not None and (end.high[0] > 0 or episodes.terminated),
        limits=_limits(context),
        torch=context.array_library == "torch",
    )


def _measured(v: VariableInfo) -> Iterator[tuple[str, Goal, float, float, float]]:
    """Key, hint, low, mean and high of each signal of a variable. Where an offset is to be zero, its length is what is to be short.

    A length's high is that of the farthest corner, its mean half of it: entries are all that was measured.
    """
    entries = list(zip(v.low, v.mean, v.high, strict=True))
    if not v.shape:
        yield v.name, v.goal, *entries[0]
        return
    offset = v.goal == "zero" and len(entries) in signal_keys.LENGTHS_OF
    if offset:
        far = float(np.linalg.norm([max(abs(low), abs(high)) for low, _, high in entries]))
        yield signal_keys.length(v.name), "zero", 0.0, far / 2, far
    for i, (low, mean, high) in enumerate(entries):
        yield signal_keys.entry(v.name, i), None if offset else v.goal, low, mean, high


def _limits(context: EnvContext) -> tuple[float, ...]:
    action = next((v for v in context.variables if v.name == "action"), None)
    if action is None or not action.shape or len(context.action_low) != action.shape[0]:
        return ()
    bounds = zip(context.action_low, context.action_high, action.low, action.high, strict=True)
    limits = []
    for low, high, least, most in bounds:
        bound, used = max(abs(low), abs(high)), max(abs(least), abs(most))
        limits.append(rounded(next((x for x in (bound, used) if np.isfinite(x) and x > 0), 1.0)))
    return tuple(limits)
