"""The three bars of a curriculum: pre-trained, fine-tuned, scratch, each over the seeds of a final evaluation.

    eureka reward eval reached.py --task weak_mountain_car_curriculum --run-dir runs/lessons
    eureka reward eval reached.py --task weak_mountain_car --run-dir runs/scratch
    python benchmarks/curriculum.py runs/lessons runs/scratch

Pre-trained is the policy with which each training of the first run left its lessons, fine-tuned what it came to in the task, scratch what
the second run's did. All are measured on the same fresh episodes of the task.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean

import numpy as np
from scipy.stats import bootstrap

from eureka.errors import EurekaError
from eureka.job_types import EvaluateJob
from eureka.look import workplace
from eureka.opened_run import read_run
from eureka.seeds import derive_seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", type=Path, help="a run with trainer: curriculum")
    parser.add_argument("scratch", type=Path, help="a run of the same task without lessons")
    given = parser.parse_args()
    try:
        bars = bars_of(given.lessons, given.scratch)
    except EurekaError as error:
        raise SystemExit(f"Error: {error}") from None
    for name, values in bars.items():
        print(f"{name:<24} {told(values)}   {' '.join(f'{value:.2f}' for value in values)}")


def bars_of(lessons: Path, scratch: Path) -> dict[str, list[float]]:
    """Bar → its fitness on each seed."""
    return {
        "pre-trained": pretrained(lessons),
        "fine-tuned": final(lessons),
        "scratch": final(scratch),
        "scratch, human reward": final(scratch, "human"),
    }


def final(directory: Path, reward: str = "best") -> list[float]:
    """What each training of a reward came to on fresh episodes."""
    evaluation = read_run(directory)[1].evaluation
    if evaluation is None:
        raise EurekaError(f"{directory}: its final evaluation is not there yet; go on with: eureka resume {directory}")
    return [training.fresh for training in evaluation.trainings if training.reward == reward and training.fresh is not None]


def pretrained(directory: Path) -> list[float]:
    """What the policy with which each training left its lessons does in the task."""
    config, state = read_run(directory)
    if state.evaluation is None or not any(result.lesson for result in state.results.values()):
        raise EurekaError(f"{directory}: no run with lessons whose final evaluation is there; its trainer is to be curriculum")
    checkpoints = []
    for number in range(config.final.seeds):
        folder = f"final/{state.evaluation.best}/{number}/"
        left = [r for name, r in state.results.items() if name.startswith(folder) and r.lesson and r.checkpoints]
        last = max(left, key=lambda result: result.reached)
        checkpoints.append((last.dir, last.spec))
    seeds = tuple(derive_seed("fresh", config.seed, episode) for episode in range(config.final.episodes))
    job = EvaluateJob(run_dir=state.run_dir, task=state.task, trainer=config.trainer, checkpoints=tuple(checkpoints), seeds=seeds)
    with workplace(config) as (_, jobs):
        [finished] = jobs.run([job])
    assert finished.result is not None and finished.result.fresh, finished.message
    return [fmean(fresh.fitness) for fresh in finished.result.fresh]


def told(values: list[float]) -> str:
    """The mean and its 95 % interval."""
    if len(set(values)) == 1:
        return f"{values[0]:.2f} (all)          "
    interval = bootstrap([values], np.mean, n_resamples=10_000, rng=np.random.default_rng(0)).confidence_interval
    return f"{fmean(values):.2f} [{interval.low:.2f}, {interval.high:.2f}]"


if __name__ == "__main__":
    main()
