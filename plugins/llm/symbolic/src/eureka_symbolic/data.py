"""Evaluation episodes of all earlier candidates, pooled and thinned so that a design takes a fraction of a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eureka.history import Entry, History
from eureka_symbolic import signal_keys

_STATES = 32
"""States kept per episode, evenly spread, the last always among them."""
_ROWS = 2_000
"""States kept per candidate; fewer where the task has many variables, see `_NUMBERS`."""
_NUMBERS = 4_000_000

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Episodes:
    """E episodes with N states of C columns. Episode e owns the rows `start[e]` to `start[e] + count[e]`.

    states: (N, C). to_end: (N,), steps to the episode's end. start, count, length, owner: (E,); `owner` indexes `ids`.
    score: (E,), the episode's fitness, larger is better. columns: signal key → column.
    """

    states: Array
    to_end: NDArray[np.int64]
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    length: NDArray[np.int64]
    score: Array
    owner: NDArray[np.int64]
    ids: tuple[str, ...]
    columns: dict[str, int]
    terminated: bool

    def __len__(self) -> int:
        return len(self.score)

    def quantiles(self, low: float, high: float) -> dict[str, tuple[float, float]]:
        """Of every column over all states."""
        if not len(self):
            return {}
        lo, hi = np.quantile(self.states, [low, high], axis=0)
        return {key: (float(lo[i]), float(hi[i])) for key, i in self.columns.items()}

    def rows(self, rng: np.random.Generator, chosen: NDArray[np.int64], each: int) -> NDArray[np.int64]:
        """Random rows of the chosen episodes, (len(chosen), each)."""
        draw = rng.random((len(chosen), each))
        rows: NDArray[np.int64] = self.start[chosen, None] + (draw * self.count[chosen, None]).astype(np.int64)
        return rows

    def summary(self, columns: list[int], mid: Array, h: Array, zero: Array) -> dict[str, Array]:
        """Per episode and column, of (v − mid)/h: its mean, last, max, min and std, and `abs`, the mean of |v − zero|/h."""
        z = (self.states[:, columns] - mid) / h
        count = self.count[:, None]
        mean = np.add.reduceat(z, self.start) / count
        square = np.add.reduceat(np.square(z), self.start) / count
        return {
            "mean": mean,
            "last": z[self.start + self.count - 1],
            "max": np.maximum.reduceat(z, self.start),
            "min": np.minimum.reduceat(z, self.start),
            "std": np.sqrt(np.maximum(square - np.square(mean), 0.0)),
            "abs": np.add.reduceat(np.abs(z - (zero - mid) / h), self.start) / count,
        }


def load_episodes(history: History) -> Episodes:
    """Read what was recorded of every trained candidate, each training once."""
    shapes = {v.name: v.shape for v in history.context.variables if v.name not in ("action", "terminated")}
    keys = [key for name, shape in shapes.items() for key in _keys(name, shape)]
    entries = {e.outcome.dirs: e for e in reversed(list(history.trained())) if e.outcome}
    most = int(np.clip(_NUMBERS / max(1, len(keys) * len(entries)), 100, _ROWS))
    parts, ids = [], []
    terminated = False
    for entry in reversed(entries.values()):
        part = _thinned(history, entry, shapes, most)
        if part is not None:
            parts.append(part)
            ids.append(entry.id)
            terminated = terminated or bool(part["terminated"].any())
    empty = {name: np.zeros(0) for name in ("to_end", "count", "length", "score", "owner")} | {"states": np.zeros((0, len(keys)))}
    for i, part in enumerate(parts):
        part["owner"] = np.full(len(part["score"]), i)
    joined = {name: np.concatenate([part[name] for part in parts]) if parts else empty[name] for name in empty}
    count = joined["count"].astype(np.int64)
    return Episodes(
        states=joined["states"],
        to_end=joined["to_end"].astype(np.int64),
        start=np.cumsum(count) - count,
        count=count,
        length=joined["length"].astype(np.int64),
        score=joined["score"],
        owner=joined["owner"].astype(np.int64),
        ids=tuple(ids),
        columns={key: i for i, key in enumerate(keys)},
        terminated=terminated,
    )


def _thinned(history: History, entry: Entry, shapes: Mapping[str, tuple[int, ...]], most: int) -> dict[str, NDArray[np.generic]] | None:
    """At most `most` states of the entry's episodes; None where nothing was recorded."""
    data = entry.transitions()
    if data is None or not len(data.episode):
        return None
    episode = data.episode
    order = None if np.all(episode[1:] >= episode[:-1]) else np.argsort(episode, kind="stable")
    indices, start, count = np.unique(episode if order is None else episode[order], return_index=True, return_counts=True)
    score = np.array([history.task.fitness.score(float(f)) for f in data.episode_fitness[indices]])
    kept = np.flatnonzero(np.isfinite(score))
    if not len(kept):
        return None
    kept = kept[_spread(np.zeros(1, np.int64), np.array([len(kept)]), max(4, most // 4))[0]]
    rows, states = _spread(start[kept], count[kept], int(np.clip(most // len(kept), 4, _STATES)))
    if order is not None:
        rows = order[rows]
    columns = [_columns(data.variables[name][rows], shape) for name, shape in shapes.items()]
    length = data.episode_length[indices[kept]]
    ends = data.variables.get("terminated")
    return {
        "states": np.nan_to_num(np.concatenate(columns, axis=1, dtype=np.float64), posinf=0.0, neginf=0.0),
        "to_end": np.repeat(length, states) - data.step[rows],
        "count": states,
        "length": length,
        "score": score[kept],
        "terminated": np.zeros(1) if ends is None else ends,
    }


def _keys(name: str, shape: tuple[int, ...]) -> list[str]:
    if not shape:
        return [name]
    return [*(signal_keys.entry(name, i) for i in range(shape[0])), *([signal_keys.length(name)] if _has_length(shape) else [])]


def _columns(values: NDArray[np.generic], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Of R rows, (R, …), the columns of `_keys`."""
    entries = values.reshape(len(values), shape[0] if shape else 1).astype(np.float64)
    return np.column_stack([entries, np.linalg.norm(entries, axis=1)]) if _has_length(shape) else entries


def _has_length(shape: tuple[int, ...]) -> bool:
    return len(shape) == 1 and shape[0] in signal_keys.LENGTHS_OF


def _spread(start: NDArray[np.int64], count: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each run of `count` indices from `start`, at most `most` (≥ 2), evenly spread, the last among them; and how many."""
    kept = np.minimum(count, most)
    each = np.repeat(np.cumsum(kept) - kept, kept)
    gaps = np.maximum(np.repeat(kept, kept) - 1, 1)
    return np.repeat(start, kept) + (np.arange(len(each)) - each) * (np.repeat(count, kept) - 1) // gaps, kept
