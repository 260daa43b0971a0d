"""What a reward may be: a sum of at most six weighted terms over features of single state variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Shape = Literal["lin", "abs", "gauss", "lap", "tanh"]
Kind = Literal["state", "diff", "push", "effort", "terminated", "alive", "gate"]

MAX_TERMS = 6
KAPPA = 10.0
"""One factor for all difference terms. A variable's own step size would let those with tiny steps dominate."""
MAX_WEIGHT = {"terminated": 300.0, "gate": 300.0}


def rounded(value: float, unit: float | None = None) -> float:
    """To three significant digits; to more where the error would exceed a twentieth of `unit`."""
    for digits in range(3, 17):
        short = float(f"{value:.{digits}g}")
        if unit is None or abs(short - value) <= 0.05 * unit:
            return short
    return value


@dataclass(frozen=True, slots=True)
class Feature:
    """A function of one signal: lin (v−c)/w, abs |v−c|/w, gauss exp(−((v−c)/w)²), lap exp(−|v−c|/w), tanh((v−c)/w)."""

    shape: Shape
    signal: str
    c: float
    w: float

    @classmethod
    def of(cls, shape: Shape, signal: str, c: float, w: float) -> Feature:
        """With constants a person can read."""
        w = rounded(w)
        return cls(shape, signal, rounded(c, w) + 0.0, w)

    def value(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Any shape in, the same shape out."""
        z = (v - self.c) / self.w
        if self.shape == "lin":
            return z
        if self.shape == "abs":
            return np.abs(z)
        if self.shape == "gauss":
            return np.exp(-np.square(z))
        if self.shape == "lap":
            return np.exp(-np.abs(z))
        return np.tanh(z)


@dataclass(frozen=True, slots=True)
class Term:
    """One named component of a reward. P is the product of its features.

    state: weight·P. diff: weight·KAPPA·(P(s′) − P(s)). gate: weight·terminated·P. push: weight·action[j]/limit·P.
    effort: weight·mean((action/limit)²). terminated: weight·terminated. alive: weight.
    """

    kind: Kind
    weight: float
    features: tuple[Feature, ...] = ()
    action: int = 0
    limit: float = 1.0

    def scaled(self, factor: float) -> Term:
        """The same term, weighing `factor` times as much."""
        return replace(self, weight=self.weight * factor)


@dataclass(frozen=True, slots=True)
class Program:
    """A reward: the sum of its terms."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, terms: Iterable[Term]) -> Program:
        """Equal terms merged, weights bounded and rounded, what weighs nothing dropped, the first six kept."""
        merged: dict[Term, float] = {}
        for term in terms:
            key = replace(term, weight=1.0)
            merged[key] = merged.get(key, 0.0) + term.weight
        kept = []
        for key, weight in merged.items():
            most = MAX_WEIGHT.get(key.kind, 30.0)
            if abs(weight) >= 0.005:
                kept.append(replace(key, weight=rounded(float(np.clip(weight, -most, most)))))
        return cls(tuple(kept[:MAX_TERMS]))

    @property
    def signals(self) -> tuple[str, ...]:
        """Every signal it reads, once, in order."""
        return tuple(dict.fromkeys(f.signal for term in self.terms for f in term.features))
