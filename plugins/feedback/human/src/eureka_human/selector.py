"""`human`: the programs that people find best become the parents of the next iteration."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from eureka.builtin.best import BestSelector, distinct, eligible, fitness_key
from eureka.component import Component, hookimpl
from eureka.history import History
from eureka.hookspecs import Selected
from eureka_human.rating import rate


class HumanSelector(Component):
    """Choose the candidates that people prefer: by a Bradley-Terry rating of their comparisons, alone or mixed with fitness.

    While nobody has compared any, it goes by fitness, and says so.
    """

    class Options(BestSelector.Options):
        fitness_weight: float = Field(
            0.0,
            ge=0,
            le=1,
            description="0: the rating alone; 1: the fitness alone; between: (1 − w) · rating + w · fitness, both standardised.",
        )

    reads_preferences: ClassVar[bool] = True

    options: Options

    @hookimpl
    def eureka_select(self, history: History) -> Selected:
        trained = eligible(history, self.options.elitism)
        fitness = np.array([history.rank(entry)[0] for entry in trained])
        rating, programs = rate(history), {entry.candidate.sha256 for entry in trained}
        known = [one for one in rating.comparisons if {history.by_id[id_].candidate.sha256 for id_ in (one.left, one.right)} & programs]
        if not known:
            scores, by = fitness, "fitness, for nobody has compared any of these yet"
        else:
            scores = np.array([rating.mean[rating.index[entry.candidate.sha256]] for entry in trained])
            by = f"rating of {len(rating.comparisons)} comparison{'s' * (len(rating.comparisons) != 1)}"
            if weight := self.options.fitness_weight:
                scores = (1 - weight) * _standardised(scores) + weight * _standardised(fitness)
                by += f", with fitness at a weight of {weight:g}"
        score = {entry.id: float(value) for entry, value in zip(trained, scores, strict=True)}
        parents = distinct(trained, lambda entry: (score[entry.id], *fitness_key(history, entry)))
        return Selected(tuple(entry.id for entry in parents[: self.options.k]), score, by)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """With mean 0 and deviation 1; all 0 where they are equal."""
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation > 0 else np.zeros_like(values)
