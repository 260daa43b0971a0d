"""Finds a fitness that is no finite number, and says where: it fails the trial whose policy drove the simulator there, and no other."""

from __future__ import annotations

import numpy as np

from eureka.errors import RewardFailed
from eureka.types import Task
from eureka.worker.recorded import Recorded


def check_fitness(task: Task, recorded: Recorded, before: int = 0) -> None:
    """Raise RewardFailed("fitness") for the first recorded step whose fitness value is not finite.

    recorded: of one trial's rows. before: environment steps the trial had made before those recorded.
    """
    bad = ~np.isfinite(recorded.fitness.ravel())
    if bad.any():
        index = int(np.argmax(bad))
        row = index % recorded.num_envs
        raise not_finite(task, recorded.fitness.ravel()[index], f"environment step {before + index + 1:,} (row {row})", index)


def not_finite(task: Task, value: float, where: str, row: int | None = None) -> RewardFailed:
    """What to tell of such a value. row: as in `RewardFailed`."""
    return RewardFailed(
        "fitness",
        f"fitness.value: {task.fitness.value} is {value} at {where}; expected a finite number. "
        "The policy drove the simulator there, or the task must be mended.",
        row=row,
    )
