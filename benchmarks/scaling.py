"""What a trial costs in a cohort of 1, 2, 4, … 32, and what a second core saves."""

from __future__ import annotations

from figures import Figure, figure, progress, ratio
from one_core import on_one_core
from ppo import hyperparameters
from runs import eureka_run

TASK, SIZES, UPDATES, SAMPLES = "cartpole", (1, 2, 4, 8, 16, 32), 3, 16
SETTINGS = hyperparameters(4)


def measure(rounds: int) -> dict[str, Figure]:
    """Milliseconds of one core for each update of a trial by the cohort's size, and wall seconds of training by the number of cores."""
    progress(f"cohorts of {', '.join(map(str, SIZES))}")
    arguments = {"task": TASK, "sizes": SIZES, "updates": UPDATES, "rounds": rounds, "settings": SETTINGS}
    found = on_one_core("update_cost.py", arguments)
    costs = {size: [1000 * seconds / size for seconds in found[str(size)]] for size in SIZES}
    figures = {f"cohort of {size}: an update of one trial": figure(cost, "ms") for size, cost in costs.items()}
    figures |= {f"cohort of {size}: cost of a trial, alone / here": ratio(costs[1], cost) for size, cost in costs.items() if size > 1}
    training: dict[int, list[float]] = {1: [], 2: []}
    for number in range(rounds):
        progress(f"{SAMPLES} candidates on 1 core and on 2, round {number + 1} of {rounds}")
        for cores, seconds in training.items():
            with eureka_run(TASK, 1, SAMPLES, SETTINGS, cores) as run:
                seconds.append(run.finished(SAMPLES)["seconds"]["training"])
    figures |= {f"{SAMPLES} candidates, cores: {cores}": figure(seconds, "s") for cores, seconds in training.items()}
    return {**figures, f"{SAMPLES} candidates, 1 core / 2 cores": ratio(training[1], training[2])}
