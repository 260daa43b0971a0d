"""The steps an environment recorded, as arrays of shape (T, N, …)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array


def where_rows(mask: NDArray[np.bool_], yes: NDArray[Any], no: NDArray[Any]) -> NDArray[Any]:
    """Rows of `yes` where `mask` (N,) holds, else of `no`. Both (N, …)."""
    return np.where(mask.reshape(-1, *(1,) * (yes.ndim - 1)), yes, no)


@dataclass(frozen=True, slots=True)
class Recorded:
    """T steps of N rows; implements `eureka.training.Transitions`. The arrays belong to whoever took them.

    variables: name → float64 (T, N) or (T, N, d).
    native: float64 (T, N), the environment's own reward. fitness: float64 (T, N), the per-step value, never negated.
    fitness_reward: float64 (T, N), see `eureka.worker.fold.FitnessReward`. terminated, truncated: bool (T, N).
    """

    variables: Mapping[str, Array]
    native: Array
    fitness: Array
    fitness_reward: Array
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]

    @property
    def num_steps(self) -> int:
        return int(self.native.shape[0])

    @property
    def num_envs(self) -> int:
        return int(self.native.shape[1])

    def rows(self, rows: slice) -> Recorded:
        """The same steps of some rows, as views."""
        return Recorded(
            {name: array[:, rows] for name, array in self.variables.items()},
            self.native[:, rows],
            self.fitness[:, rows],
            self.fitness_reward[:, rows],
            self.terminated[:, rows],
            self.truncated[:, rows],
        )

    def flat(self, name: str) -> Array:
        """One variable as a batch, float64 (T·N,) or (T·N, d), contiguous; step by step, so row t·N + j."""
        array = self.variables[name]
        return np.ascontiguousarray(array.reshape(-1, *array.shape[2:]))


class StepBuffer:
    """Columns that grow by a row per step. What was taken is handed over, never written to again."""

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[Any]] = {}
        self._capacity = 64
        self.count = 0

    def append(self, step: Mapping[str, NDArray[Any]]) -> None:
        """Copy one step in. Every step has the same names, shapes and dtypes."""
        if not self._columns:
            self._columns = {name: np.empty((self._capacity, *value.shape), value.dtype) for name, value in step.items()}
        elif self.count == self._capacity:
            self._capacity *= 2
            for name, column in self._columns.items():
                grown = np.empty((self._capacity, *column.shape[1:]), column.dtype)
                grown[: self.count] = column
                self._columns[name] = grown
        for name, value in step.items():
            self._columns[name][self.count] = value
        self.count += 1

    def take(self) -> dict[str, NDArray[Any]]:
        """All rows so far, and start anew; the next stretch is expected to be as long as this one."""
        taken = {name: column[: self.count] for name, column in self._columns.items()}
        self._capacity = max(self.count, 1)
        self._columns, self.count = {}, 0
        return taken
