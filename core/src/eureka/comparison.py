"""How the found reward compares: what `summary.json` says of a final evaluation, reckoned from its records alone."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from statistics import fmean, stdev
from typing import Any

from eureka.final_types import Correlation, Evaluation, FinalTraining
from eureka.statistics import Interval, human_normalised, interquartile_mean, mean_difference, probability_of_improvement
from eureka.task_types import Fitness, Task


def compare(task: Task, evaluation: Evaluation, correlation: Correlation | None) -> dict[str, Any]:
    """The table of a final evaluation. correlation: of its best reward, None where it was not computed.

    `best`, `human`, `fitness`, and `others` with their ids: the fitness of each training's best checkpoint on fresh episodes (`seeds`, null
    where a training failed) with mean, deviation, interquartile mean and its 95 % interval; trainings that failed are counted in `failed`
    and are in no figure; `fewer_envs` counts those that had fewer environments, for want of memory. `best_started`: the best reward begun
    with the policy that it began with in the search, and `start`: the policy that the search started from, not trained; each null where
    there is none, and all else is from scratch.
    `against`, of the best and of each other: how far it is above, more being better whichever way the fitness
    counts. An interval takes 4 trainings (`eureka.statistics.Estimate`); a probability without one is worth no telling. What cannot be said
    is null, and `why` says why. The same records give the same figures; they are reckoned once, since bootstrap takes its time.
    """
    return deepcopy(_compared(task.fitness, task.human_is_fitness, evaluation, correlation))


@lru_cache(maxsize=8)
def _compared(fitness: Fitness, human_is_fitness: bool, evaluation: Evaluation, correlation: Correlation | None) -> dict[str, Any]:
    by_reward = {reward: [t for t in evaluation.trainings if t.reward == reward] for reward in ("best", "human", "fitness")}
    started, start = ([t for t in evaluation.trainings if t.reward == reward] for reward in ("best_started", "start"))

    def told_of(trainings: list[FinalTraining]) -> list[float]:
        return [fitness.score(t.fresh) for t in trainings if t.fresh is not None]

    scores = {reward: told_of(mine) for reward, mine in by_reward.items()}
    others = {t.candidate: [o for o in evaluation.trainings if o.candidate == t.candidate] for t in evaluation.trainings if t.candidate}
    return {
        "id": evaluation.best,
        **{reward: _row(mine) for reward, mine in by_reward.items()},
        **_standing(scores["best"], scores["human"], scores["fitness"], human_is_fitness),
        "best_started": _started(told_of(started), scores) | _row(started) if started else None,
        "start": _row(start) if start else None,
        "correlation": _correlation(human_is_fitness, correlation, scores["best"]),
        "others": [
            {"id": id_, **_row(mine), **_standing(told_of(mine), scores["human"], scores["fitness"], human_is_fitness)}
            for id_, mine in others.items()
        ],
    }


def _row(trainings: list[FinalTraining]) -> dict[str, Any]:
    fresh = [t.fresh for t in trainings if t.fresh is not None]
    checkpoints = [t.best_checkpoint for t in trainings if t.best_checkpoint is not None]
    middle = interquartile_mean(fresh)
    return {
        "mean": fmean(fresh) if fresh else None,
        "std": stdev(fresh) if len(fresh) > 1 else None,
        "seeds": [t.fresh for t in trainings],
        "best_checkpoint_mean": fmean(checkpoints) if checkpoints else None,
        "failed": sum(t.status != "ok" for t in trainings),
        "fewer_envs": sum(t.num_envs_divided > 1 for t in trainings),
        "iqm": middle.value,
        "interval": _listed(middle.interval),
    }


def _standing(mine: list[float], human: list[float], sparse: list[float], human_is_fitness: bool) -> dict[str, Any]:
    """How a reward stands against human and sparse one. All are scores: more is better."""
    normalised, why = human_normalised(mine, human, sparse)
    why = "the human reward is the fitness itself" if human_is_fitness else why
    return {
        "against": {"human": _against(mine, human), "fitness": _against(mine, sparse)},
        "human_normalised": {"score": normalised.value, "interval": _listed(normalised.interval), "why": why},
    }


def _started(mine: list[float], scores: dict[str, list[float]]) -> dict[str, Any]:
    """How the best reward stands from its start: against itself from scratch, too."""
    return {"against": {reward: _against(mine, from_scratch) for reward, from_scratch in scores.items()}}


def _against(best: list[float], other: list[float]) -> dict[str, Any]:
    above, likely = mean_difference(best, other), probability_of_improvement(best, other)
    return {
        "difference": above.value,
        "interval": _listed(above.interval),
        "probability_of_improvement": likely.value,
        "probability_interval": _listed(likely.interval),
    }


def _correlation(human_is_fitness: bool, correlation: Correlation | None, best: list[float]) -> dict[str, Any]:
    if correlation is not None:
        return {"score": correlation.value, "why": correlation.why}
    if human_is_fitness:
        return {"score": None, "why": "the human reward is the fitness itself"}
    return {"score": None, "why": "it was not computed" if best else "every final training of the best reward failed"}


def _listed(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
