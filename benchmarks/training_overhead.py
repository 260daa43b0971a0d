"""What the boundary costs a whole training: the same cohort with its rewards in confined processes and in the worker itself, in turn."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

import numpy as np
from cohort import train_cohort
from figures import Figure, figure, progress
from ppo import hyperparameters, trainer
from trials import task_named

from eureka.types import Budget, Trial
from eureka.worker import tools

CARTPOLE = """
import numpy as np

def compute_reward(pole_angle, pole_velocity, cart_position):
    upright = np.exp(-10.0 * pole_angle**2)
    slow = -0.1 * np.abs(pole_velocity)
    return upright + slow - 0.01 * cart_position**2, {"upright": upright, "slow": slow}
"""
PENDULUM = """
import numpy as np

def compute_reward(angle_cosine, angular_velocity, action):
    upright, slow = angle_cosine, -0.1 * angular_velocity**2
    return upright + slow - 0.001 * action[:, 0] ** 2, {"upright": upright, "slow": slow}
"""
# Name → task, program, trainer, trials, environment steps each.
TRAININGS: dict[str, tuple[str, str, dict[str, Any], int, int]] = {
    "population, cohort of 16": ("cartpole", CARTPOLE, trainer(hyperparameters(4)), 16, 20480),
    "stable-baselines3, PPO with its defaults": ("cartpole", CARTPOLE, {"use": "sb3"}, 1, 8192),
    "stable-baselines3, SAC, one reward call a step": ("pendulum", PENDULUM, {"use": "sb3", "algorithm": "SAC"}, 1, 400),
}


class InTheWorker:
    """Stands where the reward processes stand and calls the program itself."""

    isolation = "none"

    def __init__(self, isolation: str) -> None:
        pass

    def start(self, code: str, function: str, arguments: tuple[str, ...]) -> InTheWorker:
        namespace: dict[str, Any] = {}
        exec(code, namespace)
        self._function, self._arguments = namespace[function], arguments
        return self

    def call(self, variables: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        total, components = self._function(**{name: np.asarray(variables[name], float) for name in self._arguments})
        return total, components

    def close(self) -> None:
        pass


def measure(rounds: int) -> dict[str, Figure]:
    """Wall seconds of each training both ways, and the ratio round by round."""
    figures: dict[str, Figure] = {}
    for name, (task, code, options, trials, steps) in TRAININGS.items():
        progress(name)
        apart: list[float] = []
        inside: list[float] = []
        for number in range(rounds):
            # In turn, and in changing order: what drifts meets both.
            for confined in (True, False) if number % 2 else (False, True):
                (apart if confined else inside).append(_train(task, code, options, trials, steps, confined))
        figures[f"{name}: confined"] = figure(apart, "s")
        figures[f"{name}: in the worker"] = figure(inside, "s")
        figures[f"{name}: overhead"] = figure([100 * (a / b - 1) for a, b in zip(apart, inside, strict=True)], "%")
    return figures


def _train(task: str, code: str, options: dict[str, Any], trials: int, steps: int, confined: bool) -> float:
    cohort = [Trial(id=f"t{k}", reward="candidate", code=code, seed=k, dir=f"t{k}") for k in range(trials)]
    budget = Budget(start=0, end=steps, total=steps, checkpoints=1, episodes=1)
    with mock.patch.object(tools, "RewardHost", tools.RewardHost if confined else InTheWorker):
        started = time.perf_counter()
        results = train_cohort(task_named(task), options, cohort, budget)
        seconds = time.perf_counter() - started
    assert all(result.status == "ok" for result in results)
    return seconds
