"""Programs read off trained policies' states: what do the episodes of high fitness have in common?"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eureka_symbolic.data import Array, Episodes
from eureka_symbolic.draw import Rng, draw_feature
from eureka_symbolic.fit import forward_selection
from eureka_symbolic.grammar import Feature, Shape, Term
from eureka_symbolic.space import Space

_SIGNALS = 40
"""Signals one program looks at, drawn at random where the task has more."""
_SHAPES: dict[str, tuple[Shape, ...]] = {"mean": ("lin",), "abs": ("abs",), "std": ("abs",), "max": ("lin",), "min": ("lin",)}
_ROWS_TO_END = 20


class Regression:
    """Designs from pooled evaluation episodes. Every method gives terms, or none where the data say nothing."""

    def __init__(self, space: Space, episodes: Episodes) -> None:
        self.space = space
        self.episodes = episodes

    @cached_property
    def score(self) -> Array:
        """The episodes' fitness, from 0 at the worst to 1 at the best."""
        score: Array = self.episodes.score - self.episodes.score.min()
        return np.divide(score, max(float(score.max()), 1e-12))

    @cached_property
    def summary(self) -> dict[str, Array]:
        """Per episode and signal, see `Episodes.summary`."""
        signals = self.space.signals
        mid, h, zero = (np.array([getattr(s, name) for s in signals]) for name in ("mid", "h", "zero"))
        return self.episodes.summary([self.episodes.columns[s.key] for s in signals], mid, h, zero)

    # ── Which statistics of an episode go with its fitness ───────────────────────────────────────────────────────────

    def episodic(self, rng: Rng) -> list[Term]:
        """`reg`: fitness on per-episode statistics; a chosen column becomes a term with its coefficient's sign."""
        chosen = self._bootstrap(rng, 12)
        columns = [(name, i) for name in ("mean", "last", "max", "min", "abs", "std") for i in self._signals(rng)]
        x = np.stack([self.summary[name][chosen, i] for name, i in columns], axis=1)
        allowed = rng.random(len(columns)) < 0.6
        terms = []
        for column, coefficient in forward_selection(x, self.score[chosen], int(rng.integers(1, 5)), 0.05, allowed):
            name, i = columns[column]
            terms.append(self._term(rng, name, i, coefficient))
        if rng.random() < 0.6:
            terms += self._targets(rng, chosen, sorted({i for _, i in columns}))
        return terms

    def _term(self, rng: Rng, name: str, i: int, coefficient: float) -> Term:
        signal = self.space.signals[i]
        shape: Shape = _SHAPES[name][0] if name != "last" else "lin" if rng.random() < 0.5 else "tanh"
        c = signal.zero if shape == "abs" else signal.mid
        if shape == "tanh":
            c = float(np.median(self.summary["last"][self._top(0.9), i])) * signal.h + signal.mid
        weight = float(np.copysign(np.clip(3 * abs(coefficient), 0.1, 3.0), coefficient))
        changes = name in ("max", "min", "last") and rng.random() < 0.5 and signal.prev
        return Term("diff" if changes else "state", weight, (Feature.of(shape, signal.key, c, signal.h),))

    def _targets(self, rng: Rng, chosen: NDArray[np.int64], signals: list[int]) -> list[Term]:
        """One or two signals whose values the best episodes agree on: be there."""
        top = self._top(0.9)
        found = []
        for name in ("mean", "last"):
            best = self.summary[name][top]
            narrow = np.log(np.maximum(self.summary[name][chosen].std(axis=0), 1e-9) / np.maximum(best.std(axis=0), 0.02))
            middle = np.median(best, axis=0)
            found += [(i, float(middle[i]), float(best[:, i].std())) for i in signals if narrow[i] > 0.5]
        terms = []
        for j in rng.permutation(len(found))[: int(rng.integers(1, 3))]:
            i, middle_i, spread = found[j]
            s = self.space.signals[i]
            shape: Shape = ("gauss", "lap", "abs")[int(rng.integers(3))]
            w = s.h if shape == "abs" else s.h * float(np.clip(2 * spread, 0.05, 1.0))
            sign = -1.0 if shape == "abs" else 1.0
            terms.append(Term("state", sign * float(rng.choice([0.3, 1.0, 3.0])), (Feature.of(shape, s.key, middle_i * s.h + s.mid, w),)))
        return terms

    # ── How good is it to be in a state ──────────────────────────────────────────────────────────────────────────────

    def value(self, rng: Rng) -> list[Term]:
        """`val`: fitness discounted to the episode's end, on features of single states; a potential or its change."""
        top, rest = self._split()
        chosen = np.concatenate([rng.choice(part, min(30, len(part)), replace=False) for part in (top, rest) if len(part)])
        rows = self.episodes.rows(rng, chosen, 20)
        y = self.score[chosen, None] * 0.99 ** self.episodes.to_end[rows]
        ends = self._near_end(rng.choice(top, min(30, len(top)), replace=False))
        library = self._library(rng, self.episodes.states[ends], (0.25, 0.5, 0.75))
        x = np.stack([self._value(features, rows.ravel()) for features in library], axis=1)
        found = forward_selection(x, y.ravel(), int(rng.integers(1, 6)), 0.03, rng.random(len(library)) < 0.7)
        terms = _weighed([(Term("state", 1.0, library[i]), coefficient) for i, coefficient in found])
        if rng.random() < 0.5:
            terms = [replace(t, kind="diff") if all(self.space.known[f.signal] for f in t.features) else t for t in terms]
        return terms

    def mean(self, rng: Rng, total: bool) -> list[Term]:
        """`meanreg`: fitness on features averaged over an episode, for fitness that is itself a mean (or `total`, a sum)."""
        chosen = self._bootstrap(rng, 12)
        chosen = chosen if len(chosen) <= 150 else rng.choice(chosen, 150, replace=False)
        states = self.episodes.states[self.episodes.rows(rng, self._top(0.9), 20).ravel()]
        library = self._library(rng, states, (0.1, 0.5, 0.9))
        rows = self.episodes.rows(rng, chosen, 16)
        x = np.stack([self._value(features, rows.ravel()).reshape(rows.shape).mean(axis=1) for features in library], axis=1)
        terms = [Term("state", 1.0, features) for features in library]
        if total:
            length = self.episodes.length[chosen] / max(1, int(self.episodes.length.max()))
            x = np.column_stack([x, np.ones(len(x))]) * length[:, None]
            terms.append(Term("alive", 1.0))
        found = forward_selection(x, self.score[chosen], int(rng.integers(1, 6)), 0.03, rng.random(len(terms)) < 0.7)
        return _weighed([(terms[i], coefficient) for i, coefficient in found])

    def _library(self, rng: Rng, states: Array, quantiles: tuple[float, ...]) -> list[tuple[Feature, ...]]:
        """Per signal lin, abs, and peaks where good states are; and ten random products."""
        library: list[tuple[Feature, ...]] = []
        signals = [self.space.signals[i] for i in self._signals(rng)]
        for s in signals:
            library += [(Feature.of("lin", s.key, s.mid, s.h),), (Feature.of("abs", s.key, s.zero, s.h),)]
            for c in dict.fromkeys(np.quantile(states[:, self.episodes.columns[s.key]], quantiles).tolist()):
                w = s.h * float(rng.choice([0.1, 0.25, 0.5]))
                library += [(Feature.of("gauss", s.key, c, w),), (Feature.of("lap", s.key, c, w),)]
        for _ in range(10 if len(signals) > 1 else 0):
            a, b = rng.choice(len(signals), 2, replace=False)
            library.append((draw_feature(rng, signals[a]), draw_feature(rng, signals[b])))
        return library

    def _value(self, features: tuple[Feature, ...], rows: NDArray[np.int64]) -> Array:
        columns = self.episodes.columns
        product = np.ones(len(rows))
        for feature in features:
            product = product * feature.value(self.episodes.states[rows, columns[feature.signal]])
        return product

    # ── Which episodes and signals to look at ────────────────────────────────────────────────────────────────────────

    def _bootstrap(self, rng: Rng, each: int) -> NDArray[np.int64]:
        """As many candidates as there are, drawn with replacement, and `each` random episodes of each."""
        owner = self.episodes.owner
        start = np.searchsorted(owner, np.arange(len(self.episodes.ids)))
        count = np.bincount(owner, minlength=len(self.episodes.ids))
        drawn = rng.integers(len(start), size=(len(start), 1))
        chosen: NDArray[np.int64] = (start[drawn] + (rng.random((len(start), each)) * count[drawn]).astype(np.int64)).ravel()
        return chosen

    def _top(self, quantile: float) -> NDArray[np.int64]:
        """The episodes at or above the quantile of fitness that are better than the worst."""
        least = float(np.quantile(self.score, quantile))
        top = np.flatnonzero((self.score >= least) & (self.score > 0))
        return top if len(top) else np.flatnonzero(self.score >= least)

    def _split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The successful episodes (the top fifth) and the others."""
        top = self._top(0.8)
        return top, np.setdiff1d(np.arange(len(self.score)), top)

    def _near_end(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the last steps of these episodes; their last row is always one."""
        mine = np.repeat(np.isin(np.arange(len(self.episodes)), chosen), self.episodes.count)
        return np.flatnonzero(mine & (self.episodes.to_end < _ROWS_TO_END))

    def _signals(self, rng: Rng) -> list[int]:
        count = len(self.space.signals)
        return list(range(count)) if count <= _SIGNALS else sorted(rng.choice(count, _SIGNALS, replace=False).tolist())


def _weighed(found: list[tuple[Term, float]]) -> list[Term]:
    """Coefficients as weights, the largest 3."""
    most = max((abs(coefficient) for _, coefficient in found), default=0.0)
    return [term.scaled(3.0 * coefficient / most) for term, coefficient in found] if most > 0 else []
