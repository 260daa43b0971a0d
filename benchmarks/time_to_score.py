"""Seconds until trainings are good enough: sixteen seeds as one cohort, and one after the other with stable-baselines3, on one core.

Large batches are fast per step and slow per sample, so steps a second alone could flatter. Both sides train the environment's own reward
with the same hyper-parameters, and every training ends when its policy's fitness, measured alike, reaches the threshold, or at `steps`.
The sixteen of stable-baselines3 take minutes a round: each round trains two of them, others than the round before, and counts their mean
sixteen times.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from figures import Figure, figure, progress, ratio
from one_core import on_one_core
from ppo import hyperparameters

TRIALS, PART = 16, 2


class Goal(NamedTuple):
    """threshold: fitness, see the task. steps: at most. every: environment steps between two looks, a multiple of the rollout."""

    task: str
    threshold: float
    steps: int
    every: int
    settings: dict[str, Any]


GOALS = (
    Goal("cartpole", 475, 81_920, 2048, hyperparameters(8, 512, 256, learning_rate=1e-3, gamma=0.98, gae_lambda=0.8)),
    Goal("pendulum", 0.7, 131_072, 8192, hyperparameters(4, 2048, 256, learning_rate=1e-3, gamma=0.9)),
)


def measure(rounds: int) -> dict[str, Figure]:
    """Seconds of both sides, the ratio round by round, and how many of the trainings reached the threshold."""
    figures: dict[str, Figure] = {}
    for goal in GOALS:
        progress(f"{goal.task} to {goal.threshold:g}")
        seeds = [[(PART * number + k) % TRIALS for k in range(PART)] for number in range(rounds)]
        found = on_one_core("to_score.py", {**goal._asdict(), "trials": TRIALS, "seeds": seeds})
        theirs = [seconds * TRIALS / PART for seconds in found["theirs"]]
        figures[f"{goal.task} to {goal.threshold:g}: cohort of {TRIALS}"] = figure(found["ours"], "s")
        figures[f"{goal.task} to {goal.threshold:g}: stable-baselines3, {TRIALS} times"] = figure(theirs, "s")
        figures[f"{goal.task} to {goal.threshold:g}: ratio"] = ratio(theirs, found["ours"])
        figures[f"{goal.task} to {goal.threshold:g}: reached, cohort"] = figure([100 * share for share in found["ours reached"]], "%")
        figures[f"{goal.task} to {goal.threshold:g}: reached, stable-baselines3"] = figure(
            [100 * share for share in found["theirs reached"]], "%"
        )
    return figures
