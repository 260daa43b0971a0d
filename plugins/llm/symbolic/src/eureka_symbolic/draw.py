"""Random features, terms and programs: what every other way of designing falls back on and mixes in."""

from __future__ import annotations

from typing import Any

import numpy as np

from eureka_symbolic.grammar import Feature, Program, Shape, Term
from eureka_symbolic.space import Signal, Space

Rng = np.random.Generator

WEIGHTS = (0.1, 0.3, 1.0, 3.0)
_SHAPES: dict[Shape, float] = {"lin": 0.38, "abs": 0.2, "gauss": 0.18, "lap": 0.12, "tanh": 0.12}


def choice(rng: Rng, weights: dict[Any, float]) -> Any:
    """One key, with probability in proportion to its weight."""
    p = np.fromiter(weights.values(), float)
    return list(weights)[int(rng.choice(len(p), p=p / p.sum()))]


def draw_signal(rng: Rng, space: Space) -> Signal:
    return space.signals[int(rng.integers(len(space.signals)))]


def draw_feature(rng: Rng, signal: Signal, shape: Shape | None = None) -> Feature:
    shape = shape or choice(rng, _SHAPES)
    if shape == "lin":
        return Feature.of("lin", signal.key, signal.mid, signal.h)
    where = choice(rng, {"zero": 0.45, "lo": 0.15, "hi": 0.15, "uniform": 0.25})
    c = signal.lo if where == "lo" else signal.hi if where == "hi" else float(rng.uniform(signal.lo, signal.hi))
    if where == "zero" and signal.lo <= 0.0 <= signal.hi:
        c = 0.0
    w = signal.h if shape == "abs" else signal.h * float(rng.choice([0.1, 0.25, 0.5, 1.0]))
    return Feature.of(shape, signal.key, c, w)


def bump(rng: Rng, signal: Signal) -> Feature:
    """A bounded measure of being at 0, for gates and hints."""
    return Feature.of(rng.choice(["gauss", "lap"]), signal.key, signal.zero, signal.h * float(rng.choice([0.25, 0.5])))


def state_or_diff(rng: Rng, space: Space, weight: float, features: tuple[Feature, ...], diff: float = 0.35) -> Term:
    """A state term, or with probability `diff` one of change, where every variable has its value before the step."""
    changes = rng.random() < diff and all(space.known[f.signal] for f in features)
    return Term("diff" if changes else "state", weight, features)


def draw_term(rng: Rng, space: Space) -> Term:
    """A new term; 60 % of them follow a hint where the task gives any."""
    if space.hinted and rng.random() < 0.6:
        return hint_term(rng, space, space.hinted[int(rng.integers(len(space.hinted)))])
    kinds = {"u": 0.8, "prod": 0.08 if len(space.signals) > 1 else 0.0}
    if space.limits:
        kinds |= {"push": 0.06, "effort": 0.06}
    if space.ends:
        kinds |= {"terminated": 0.05, "alive": 0.03, "gate": 0.08}
    kind = choice(rng, kinds)
    weight = float(rng.choice(WEIGHTS))
    sign = float(rng.choice([-1.0, 1.0]))
    if kind == "terminated":
        return Term("terminated", -float(rng.integers(1, 31)))
    if kind == "alive":
        return Term("alive", 1.0)
    if kind == "effort":
        return Term("effort", -float(rng.uniform(0.01, 0.3)), limit=max(space.limits))
    if kind == "gate":
        good = 1.0 if rng.random() < 0.85 else -1.0
        return gate(rng, space.signals, good * float(rng.choice([1.0, 3.0, 10.0, 30.0])))
    signal = draw_signal(rng, space)
    if kind == "push":
        j = int(rng.integers(len(space.limits)))
        return Term("push", sign * weight, (Feature.of("lin", signal.key, 0.0, signal.h),), action=j, limit=space.limits[j])
    feature = draw_feature(rng, signal)
    if kind == "prod":
        other = space.signals[(space.signals.index(signal) + int(rng.integers(1, len(space.signals)))) % len(space.signals)]
        return state_or_diff(rng, space, sign * weight, (feature, draw_feature(rng, other)))
    if feature.shape in ("gauss", "lap"):
        sign = 1.0 if rng.random() < 0.85 else -1.0
    return state_or_diff(rng, space, sign * weight, (feature,))


def gate(rng: Rng, signals: tuple[Signal, ...], weight: float) -> Term:
    """An end worth `weight` where one to three signals are right, and nothing where they are not."""
    count = int(rng.integers(1, min(3, len(signals)) + 1))
    chosen = [signals[i] for i in rng.choice(len(signals), count, replace=False)]
    return Term("gate", weight, tuple(bump(rng, s) for s in chosen))


def hint_term(rng: Rng, space: Space, signal: Signal, diff: float = 0.35) -> Term:
    """What the hint of a signal says: high or low is a slope with that sign, zero a peak at 0."""
    weight = float(rng.choice(WEIGHTS))
    if signal.goal == "zero":
        if rng.random() < 0.6:
            return state_or_diff(rng, space, -weight, (Feature.of("abs", signal.key, 0.0, signal.h),), diff)
        return state_or_diff(rng, space, weight, (bump(rng, signal),), diff)
    sign = 1.0 if signal.goal == "high" else -1.0
    shape: Shape = "lin" if rng.random() < 0.8 else "tanh"
    return state_or_diff(rng, space, sign * weight, (Feature.of(shape, signal.key, signal.mid, signal.h),), diff)


def draw_program(rng: Rng, space: Space) -> Program:
    """One to four random terms that tell states apart."""
    while True:
        count = int(rng.choice([1, 2, 3, 4], p=[0.25, 0.35, 0.25, 0.15]))
        program = Program.of(draw_term(rng, space) for _ in range(count))
        if space.varies(program):
            return program
