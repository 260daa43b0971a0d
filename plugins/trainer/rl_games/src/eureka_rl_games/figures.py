"""What an epoch came to, a line each, for people: `rl_games.csv` beside each checkpoint."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rl_games.common.algo_observer import AlgoObserver

from eureka.env import Array
from eureka.types import Fitness

EPISODES = ("episodes", "episode_length", "episode_reward", "fitness")
"""How many ended in the epoch, and their means; empty where none did."""

LOSSES = ("actor_loss", "critic_loss", "bounds_loss", "entropy", "kl")
"""Means of the epoch's minibatches; bounds_loss is of continuous actions alone."""

COLUMNS = ("epoch", "steps", "reward", *EPISODES, "learning_rate", *LOSSES)
"""reward: the mean of all steps, as the candidate gave it."""


class Figures(AlgoObserver):  # type: ignore[misc]
    """Follows the episodes of N rows and keeps a line per epoch."""

    def __init__(self, num_envs: int, fitness: Fitness) -> None:
        self.lines: list[list[float | None]] = []
        self.running: Array = np.zeros((3, num_envs))
        """float64 (3, N): length, reward and fitness of each row's episode so far."""
        self._fitness = fitness
        self._rollout: list[float | None] = []

    def see(self, rewards: Array, fitness: Array, ends: NDArray[np.bool_]) -> None:
        """A rollout, (T, N) each. fitness: increments as `eureka.training.Transitions` has them. ends: the step ended an episode."""
        ended = []
        for reward, increment, end in zip(rewards, fitness, ends, strict=True):
            self.running += np.stack([np.ones_like(reward), reward, increment])
            if end.any():
                ended.append(self.running[:, end])
                self.running[:, end] = 0.0
        episodes: list[float | None] = [0, None, None, None]
        if ended:
            lengths, totals, values = np.concatenate(ended, axis=1)
            values = values / lengths if self._fitness.fold == "mean" else values
            sign = 1.0 if self._fitness.goal == "maximize" else -1.0
            episodes = [len(lengths), float(lengths.mean()), float(totals.mean()), sign * float(values.mean())]
        self._rollout = [float(rewards.mean()), *episodes]

    def epoch(self, number: int, steps: int, learning_rate: float, losses: Sequence[Sequence[torch.Tensor]]) -> None:
        """The epoch of the rollout seen last is over. losses: a value per minibatch for each of `LOSSES`."""
        means = [float(torch.stack([value.detach() for value in values]).mean()) if values else None for values in losses]
        self.lines.append([number, steps, *self._rollout, learning_rate, *means])

    def write(self, path: Path) -> None:
        """All lines so far, as CSV."""
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *self.lines])
