"""For trainers that train a cohort's trials one after the other, each as if it were alone."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

from eureka.errors import RewardFailed
from eureka.job_types import TrainJob
from eureka.training import RecordedEnv, TrainTools
from eureka.types import Trial

TrainOne = Callable[[Trial, RecordedEnv], Callable[[Path], None]]
"""Trains one trial in its environment to the end of the segment and returns what saves its state; may raise RewardFailed."""


def train_one_by_one(job: TrainJob, tools: TrainTools, num_envs: int, train: TrainOne) -> None:
    """Train every trial in an environment of its own. One whose reward fails is given up; the others go on."""
    for index, trial in enumerate(job.trials):
        if index:
            gc.collect()  # Models hold themselves in circles, and the next trial's buffers need the room.
        _train(trial, tools, num_envs, train)


def _train(trial: Trial, tools: TrainTools, num_envs: int, train: TrainOne) -> None:
    env = tools.make_env(num_envs)
    try:
        save_state = train(trial, env)
    except RewardFailed as error:
        tools.failed(trial.id, error)
    else:
        tools.finished(trial.id, save_state)
    finally:
        env.close()
