"""`successive-halving`: at the end of every segment but the last, only the best part of the candidates trains on."""

from __future__ import annotations

import math
from statistics import fmean

from pydantic import Field

from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.hookspecs import Rung


class SuccessiveHalving(Component):
    """Stop what does worst at each segment's end, so that most steps go to what does best.

    Best is the best checkpoint so far; of equals the higher mean over the checkpoints, what learns sooner, then the earlier candidate.
    What has no fitness (NaN) comes last. Successive halving: Karnin, Koren and Somekh 2013, "Almost Optimal Exploration in Multi-Armed
    Bandits"; of trainings, Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization".
    """

    class Options(BaseOptions):
        keep: float = Field(0.5, gt=0, lt=1, description="Part that trains on after each segment, rounded up to whole candidates.")

    options: Options

    def keeps(self, going: int) -> int:
        """How many of `going` train on after a segment."""
        return math.ceil(round(self.options.keep * going, 9))  # 0.1 * 30 is a little more than 3

    @hookimpl
    def eureka_prune(self, rung: Rung) -> tuple[str, ...]:
        def rank(id_: str) -> tuple[float, float]:
            scores = [rung.task.fitness.score(point.fitness) for result in rung.results[id_] for point in result.checkpoints]
            return max(scores, default=-math.inf), fmean(scores) if scores else -math.inf

        best = sorted(rung.results, key=rank, reverse=True)[: self.keeps(len(rung.results))]  # stable: of equals the earlier one leads
        return tuple(id_ for id_ in rung.results if id_ in best)
