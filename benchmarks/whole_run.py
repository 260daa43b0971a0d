"""What a user waits for: `eureka run` from the command to its end, and the same trainings done the usual way, on two cores.

Two iterations of eight canned completions, 24,576 environment steps each, ten checkpoints of two episodes. The usual way is a process per
candidate, two at a time: Python starts and imports, stable-baselines3 trains on four environments, the reward is a wrapper around each,
an evaluation callback measures as many episodes. Hyper-parameters are the same.

The sixteen of the usual way take minutes a round, and nothing in one depends on another: each round trains four of them, other four than
the round before, and counts their seconds four times.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import usual
from figures import Figure, figure, progress, ratio
from ppo import hyperparameters
from runs import eureka_run

ITERATIONS, SAMPLES, PART, CORES = 2, 8, 4, 2
TASKS = ("cartpole", "lunar_lander", "mountain_car_continuous")
SETTINGS = hyperparameters(4)


def measure(rounds: int) -> dict[str, Figure]:
    """Wall seconds of both, and the ratio round by round."""
    figures: dict[str, Figure] = {}
    for task in TASKS:
        ours, theirs = [], []
        for number in range(rounds):
            progress(f"{task}, round {number + 1} of {rounds}")
            ours.append(_eureka(task))
            theirs.append(_usual(task, number))
        figures[f"{task}: eureka run"] = figure(ours, "s")
        figures[f"{task}: the usual way"] = figure(theirs, "s")
        figures[f"{task}: ratio"] = ratio(theirs, ours)
    return figures


def _eureka(task: str) -> float:
    started = time.perf_counter()
    with eureka_run(task, ITERATIONS, SAMPLES, SETTINGS, CORES) as run:
        run.finished(ITERATIONS * SAMPLES)
        return time.perf_counter() - started


def _usual(task: str, number: int) -> float:
    every = ITERATIONS * SAMPLES
    numbers = [(PART * number + k) % every for k in range(PART)]
    with tempfile.TemporaryDirectory() as folder:
        trainings = usual.commands(task, numbers, SETTINGS, Path(folder))
        started = time.perf_counter()
        usual.train(trainings, CORES)
        return (time.perf_counter() - started) * every / PART
