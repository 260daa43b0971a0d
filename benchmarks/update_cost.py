"""Trains cohorts of several sizes in turn and prints the seconds of an update of each, its rollout included.

A script of `scaling.py`: JSON in, JSON out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any
from unittest import mock

from cohort import train_cohort
from ppo import trainer
from trials import candidates, task_named

from eureka.errors import RewardFailed
from eureka.training import ActTogether, Policy
from eureka.types import Budget
from eureka.worker import train
from eureka.worker.tools import Tools


def update_cost(task: str, sizes: Sequence[int], updates: int, rounds: int, settings: dict[str, Any]) -> dict[int, list[float]]:
    """Seconds of an update, the mean over `updates` of them, at each size in each round. The first update of a cohort is left out."""
    described = task_named(task)
    total = (updates + 1) * settings["num_envs"] * settings["n_steps"]
    budget = Budget(start=0, end=total, total=total, checkpoints=1, episodes=1)
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    times: list[float] = []

    class Clocked(Tools):
        def after_update(self, steps: int, policies: Mapping[str, Policy], act: ActTogether | None = None) -> Mapping[str, RewardFailed]:
            times.append(time.perf_counter())  # before the checkpoint at the end, so that no evaluation is counted
            return super().after_update(steps, policies, act)

    with mock.patch.object(train, "Tools", Clocked):
        for _ in range(rounds):
            for size in sizes:
                times.clear()
                train_cohort(described, trainer(settings), candidates(task, size), budget)
                seconds[size].append((times[-1] - times[0]) / updates)
    return seconds


if __name__ == "__main__":
    print(json.dumps(update_cost(**json.loads(sys.argv[1]))))
