"""Gathering the source values of N rows: what the same array of an environment holds is copied once a row, whoever indexes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka_gymnasium.layers import Env
from eureka_gymnasium.sources import Source

LARGEST = 512  # entries of an array that is copied whole; of a larger one single entries are cheaper

_NUMBERS = frozenset((float, int, bool, np.float64, np.float32, np.int64, np.bool_))
Slow = Callable[[str, Any], Array]


@dataclass(frozen=True, slots=True)
class Single:
    """A source read on its own. depth: the layer an `env.` source reads. shape: () or (d,)."""

    name: str
    source: Source
    depth: int
    shape: tuple[int, ...]
    get: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Shared:
    """An array of the environment and the sources that index it. shape: of the array. users: name → index into it."""

    depth: int
    shape: tuple[int, ...]
    get: Callable[[Any], Any]
    users: dict[str, tuple[Any, ...]]


def plan(entries: Iterable[tuple[str, Source, int, tuple[int, ...], Any]]) -> tuple[list[Single], list[Shared]]:
    """How to read sources that resolved. entries: name, source, layer, shape and what it was read from (the root)."""
    singles: list[Single] = []
    paths: dict[tuple[int, tuple[Any, ...]], Shared] = {}
    for name, source, depth, shape, root in entries:
        names = next((i for i, step in enumerate(source.steps) if not isinstance(step, str)), len(source.steps))
        held = _getter(source.steps[:names], root)(root) if names else None
        if source.root == "env" and type(held) is np.ndarray and held.dtype.kind in "biuf" and 0 < held.size <= LARGEST:
            shared = paths.setdefault((depth, source.steps[:names]), Shared(depth, held.shape, _getter(source.steps[:names], root), {}))
            shared.users[name] = source.steps[names:]
        else:
            singles.append(Single(name, source, depth, shape, _getter(source.steps, root)))
    return singles, list(paths.values())


class Block:
    """The values of N rows, being read. slow: (name, root) → the value, or a ConfigError that says what is wrong with it."""

    def __init__(self, singles: Sequence[Single], shared: Sequence[Shared], num_envs: int, slow: Slow) -> None:
        self._slow = slow
        self._singles = [(s, np.zeros((num_envs, *s.shape))) for s in singles]
        self._shared = [(s, np.zeros((num_envs, *s.shape))) for s in shared]
        self.reads_rows = bool(singles or shared)

    def clear(self, row: int) -> None:
        """All of a row is 0 again."""
        for _, into in (*self._singles, *self._shared):
            into[row] = 0.0

    def read(self, row: int, observation: Any, info: Mapping[str, Any], env: Sequence[Env]) -> None:
        """Read one row. env: the environment's `layers`."""
        for s, into in self._singles:
            kind = s.source.root
            root = env[s.depth] if kind == "env" else info if kind == "info" else observation
            if root is info and s.source.steps[0] not in info:
                continue
            try:
                value = s.get(root)
            except Exception:  # The slow way raises it again, with the place and what is valid there.
                value = None
            if s.shape == ():
                into[row] = value if type(value) in _NUMBERS else self._slow(s.name, root)
            else:
                plain = type(value) is np.ndarray and value.shape == s.shape and value.dtype.kind in "biuf"
                into[row] = value if plain else self._slow(s.name, root)
        for shared, into in self._shared:
            try:
                value = shared.get(env[shared.depth])
            except Exception:
                value = None
            if type(value) is np.ndarray and value.shape == shared.shape and value.dtype.kind in "biuf":
                into[row] = value
            else:
                for name, index in shared.users.items():
                    at = (row, *index)
                    into[at] = self._slow(name, env[shared.depth])

    def values(self) -> dict[str, Array]:
        """Every value, float64 (N,) or (N, d), in arrays of their own."""
        values: dict[str, Array] = {s.name: into.copy() for s, into in self._singles}
        for shared, into in self._shared:
            values |= {name: all_rows(index, into) for name, index in shared.users.items()}
        return values


def _getter(steps: Sequence[Any], root: Any) -> Callable[[Any], Any]:
    """Follows `steps` without asking at each what it is; that is known from `root`, where they were followed before."""
    parts: list[Callable[[Any], Any]] = []
    for step in steps:
        by_name = isinstance(step, str) and not isinstance(root, Mapping)
        parts.append(attrgetter(step) if by_name else itemgetter(step))
        root = parts[-1](root)
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda value: second(first(value))

    def get(value: Any) -> Any:
        for part in parts:
            value = part(value)
        return value

    return get


def all_rows(index: Sequence[Any], array: NDArray[np.generic]) -> Array:
    """What `index` reads of every row of `array` (N, …), float64, in an array of its own."""
    at = (slice(None), *index)
    return np.array(array[at], np.float64, order="C")
