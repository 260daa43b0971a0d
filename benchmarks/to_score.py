"""Trains sixteen seeds as one cohort, then some of them with stable-baselines3, each until it is good enough; prints the seconds.

A script of `time_to_score.py`: JSON in, JSON out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest import mock

import gymnasium
from cohort import train_cohort
from ppo import Library, trainer
from trials import natives, task_named

from eureka.errors import RewardFailed
from eureka.training import ActTogether, Policy
from eureka.types import Budget, Task
from eureka.worker import train
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policy
from eureka.worker.tools import Tools

EPISODES = 10


class Judge:
    """Says whether a policy's mean fitness over ten episodes, the same for both sides, has reached the threshold; counts its own time."""

    def __init__(self, task: Task, threshold: float) -> None:
        self._task = task
        self._least = task.fitness.score(threshold)
        self._env = make_recorder(worker_hooks(task), task, EPISODES, ())
        self.seconds = 0.0
        self.reached = 0

    def __call__(self, act: Callable[[Any], Any]) -> bool:
        started = time.perf_counter()
        fitness = evaluate_policy(self._env, act, range(EPISODES), self._task.fitness.fold, 0).fitness.mean()
        good = self._task.fitness.score(float(fitness)) >= self._least
        self.reached += good
        self.seconds += time.perf_counter() - started
        return good


def to_score(
    task: str, threshold: float, steps: int, every: int, trials: int, seeds: Sequence[Sequence[int]], settings: dict[str, Any]
) -> dict[str, list[float]]:
    """Seconds of every round on both sides, judging left out, and the share of their trainings that reached the threshold.

    An update of each comes before: the first of a process imports libraries and loads kernels.
    steps: where a training that does not reach it ends. every: environment steps between two looks. seeds: of the other side, round by
    round.
    """
    described = task_named(task)
    judge, rollout = Judge(described, threshold), settings["num_envs"] * settings["n_steps"]
    _cohort(described, judge, rollout, rollout, 1, settings)
    _library(described, judge, rollout, rollout, 0, settings)
    found: dict[str, list[float]] = {side: [] for side in ("ours", "theirs", "ours reached", "theirs reached")}
    for part in seeds:
        judge = Judge(described, threshold)
        found["ours"].append(_cohort(described, judge, steps, every, trials, settings))
        found["ours reached"].append(judge.reached / trials)
        judge = Judge(described, threshold)
        found["theirs"].append(sum(_library(described, judge, steps, every, seed, settings) for seed in part))
        found["theirs reached"].append(judge.reached / len(part))
    return found


def _cohort(task: Task, judge: Judge, steps: int, every: int, trials: int, settings: dict[str, Any]) -> float:
    class UntilReached(Tools):
        seen = 0

        def after_update(self, steps: int, policies: Mapping[str, Policy], act: ActTogether | None = None) -> Mapping[str, RewardFailed]:
            due, self.seen = steps // every > self.seen, steps // every
            good = [id_ for id_, policy in policies.items() if due and judge(policy.act)]
            # A trial leaves the batch as a failing one does, and its share of the time is free for the others.
            return {id_: RewardFailed("reached", f"after {steps} steps") for id_ in good}

    budget = Budget(start=0, end=steps, total=steps, checkpoints=1, episodes=1)
    started = time.perf_counter()
    with mock.patch.object(train, "Tools", UntilReached):
        train_cohort(task, trainer(settings), natives(trials), budget)
    return time.perf_counter() - started - judge.seconds


def _library(task: Task, judge: Judge, steps: int, every: int, seed: int, settings: dict[str, Any]) -> float:
    started, before = time.perf_counter(), judge.seconds
    library = Library(lambda: gymnasium.make(task.sim.options["env"]), settings, seed)
    updates = every // (settings["num_envs"] * settings["n_steps"])
    for _ in range(steps // every):
        library.train(updates)
        if judge(library.act):
            break
    return time.perf_counter() - started - (judge.seconds - before)


if __name__ == "__main__":
    print(json.dumps(to_score(**json.loads(sys.argv[1]))))
