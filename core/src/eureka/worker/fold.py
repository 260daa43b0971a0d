"""How an episode's per-step fitness values become one number, and how that number is spread over its steps as a reward."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.types import Fitness

FoldName = Literal["sum", "mean", "last", "max", "any"]


class Fold:
    """Folds the values of B episodes at once, step by step.

    sum, mean, last, max: of the episode's values. any: 1.0 if any value is above 0, else 0.0.
    """

    def __init__(self, fold: FoldName, num_episodes: int) -> None:
        self._fold = fold
        self._value = np.full(num_episodes, -np.inf if fold == "max" else 0.0)
        self._steps = np.zeros(num_episodes, np.int64)

    def add(self, values: Array, live: NDArray[np.bool_]) -> None:
        """Take in one step. values: float64 (B,). live: bool (B,), the episodes this step belongs to; other rows are not read."""
        value = self._value
        if self._fold in ("sum", "mean"):
            np.add(value, values, out=value, where=live)
        elif self._fold == "last":
            np.copyto(value, values, where=live)
        elif self._fold == "max":
            np.maximum(value, values, out=value, where=live)
        else:
            value[live & (values > 0)] = 1.0
        self._steps += live

    def result(self) -> Array:
        """The fitness of every episode so far. float64 (B,); NaN where an episode has had no step."""
        value = self._value / np.maximum(self._steps, 1) if self._fold == "mean" else self._value
        return np.where(self._steps > 0, value, np.nan)


class FitnessReward:
    """The sparse reward of N rows: per-step increments that add up to the episode's fitness, negated where the goal is to minimise.

    sum, mean: the value (a constant factor per episode apart, for mean). last: the value on the episode's last step, else 0.
    max: by how much the running maximum grew (on the first step the value itself). any: 1 on the first success, else 0.
    """

    def __init__(self, fitness: Fitness, num_envs: int) -> None:
        self._fold = fitness.fold
        self._sign = 1.0 if fitness.goal == "maximize" else -1.0
        self.memory: Array = np.full(num_envs, np.nan)
        """float64 (N,): the running maximum, or 1 after a success; NaN while the episode has had neither."""

    def reset(self) -> None:
        """Every row begins a new episode."""
        self.memory = np.full(len(self.memory), np.nan)

    def step(self, values: Array, ended: NDArray[np.bool_]) -> Array:
        """The reward of one step. values: float64 (N,). ended: bool (N,), rows whose episode this step ends. float64 (N,)."""
        if self._fold == "last":
            reward = np.where(ended, values, 0.0)
        elif self._fold == "max":
            fresh = np.isnan(self.memory)
            reward = np.where(fresh, values, np.maximum(values - self.memory, 0.0))
            self.memory = np.where(ended, np.nan, np.fmax(self.memory, values))
        elif self._fold == "any":
            reward = (np.isnan(self.memory) & (values > 0)).astype(np.float64)
            self.memory = np.where(ended, np.nan, np.where(values > 0, 1.0, self.memory))
        else:
            reward = values
        return reward if self._sign > 0 else -reward
