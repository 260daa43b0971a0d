"""The checkpoints of one trial as they are measured: its curve, its episodes, and which policy is the best so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from eureka.seeds import derive_seed
from eureka.transitions import save_transitions
from eureka.types import Budget, CheckpointResult, Task, Trial
from eureka.worker.evaluate import EvaluationEpisodes
from eureka.worker.recorder import all_names
from eureka.worker.transition_log import TransitionLog


class Measured:
    """steps: environment steps that measuring took."""

    def __init__(self, task: Task) -> None:
        self.checkpoints: list[CheckpointResult] = []
        self.steps = 0
        self._fitness = task.fitness
        self._best = -math.inf
        self._log = TransitionLog(all_names(task))

    def add(self, index: int, steps: int, components: Mapping[str, float], episodes: EvaluationEpisodes) -> bool:
        """Add checkpoint k, taken at `steps`, whose fitness is finite. Returns whether it is the best so far.

        components: means per step since the checkpoint before.
        """
        self._log.add(index, episodes)
        fitness, length = float(episodes.fitness.mean()), float(episodes.length.mean())
        self.checkpoints.append(CheckpointResult(index=index, steps=steps, fitness=fitness, length=length, components=dict(components)))
        score = self._fitness.score(fitness)
        better = score > self._best
        self._best = max(score, self._best)
        return better

    def save_episodes(self, folder: Path) -> None:
        """Write `transitions.npz`, if there is any checkpoint."""
        if self._log.episodes:
            save_transitions(folder / "transitions.npz", self._log.joined(), self._log.native)


def episode_seeds(trial: Trial, budget: Budget, index: int) -> list[int]:
    """One for every evaluation episode of a trial's checkpoint k."""
    return [derive_seed("evaluation", trial.seed, index, episode) for episode in range(budget.episodes)]
