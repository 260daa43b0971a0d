"""Trains a cohort and stable-baselines3 in turn, an update of one and then an update of the other, and prints the seconds of each.

A script of `throughput.py`: JSON in, JSON out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Any
from unittest import mock

import gymnasium
from cohort import train_cohort
from ppo import Library, trainer
from trials import candidates, task_named

from eureka.errors import RewardFailed
from eureka.training import ActTogether, Policy
from eureka.types import Budget
from eureka.worker import train
from eureka.worker.tools import Tools


def in_turn(task: str, trials: int, updates: int, settings: dict[str, Any]) -> dict[str, list[float]]:
    """Seconds of each of `updates` updates, their rollouts included. settings: of both sides.

    The first update of both is left out: it starts reward processes, loads kernels and fills caches.
    """
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    described = task_named(task)
    env = described.sim.options["env"]
    library = Library(lambda: gymnasium.make(env), settings)
    library.train(1)

    class InTurn(Tools):
        since: float | None = None

        def after_update(self, steps: int, policies: Mapping[str, Policy], act: ActTogether | None = None) -> Mapping[str, RewardFailed]:
            if self.since is not None:
                seconds["ours"].append(time.perf_counter() - self.since)
                seconds["theirs"].append(library.train(1))
            failed = super().after_update(steps, policies, act)
            self.since = time.perf_counter()
            return failed

    total = (updates + 1) * settings["num_envs"] * settings["n_steps"]
    # One checkpoint, at the end: evaluation is measured elsewhere, and on neither side here.
    budget = Budget(start=0, end=total, total=total, checkpoints=1, episodes=1)
    with mock.patch.object(train, "Tools", InTurn):
        train_cohort(described, trainer(settings), candidates(task, trials), budget)
    return seconds


if __name__ == "__main__":
    print(json.dumps(in_turn(**json.loads(sys.argv[1]))))
