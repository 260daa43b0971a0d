"""`best`: the fittest candidates become the parents of the next iteration."""

from __future__ import annotations

import math

from pydantic import Field

from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.history import Entry, History


class BestSelector(Component):
    """Choose the candidates with the best fitness."""

    class Options(BaseOptions):
        k: int = Field(1, ge=1, description="Parents per iteration; fewer when fewer distinct programs have trained.")
        elitism: bool = Field(True, description="The best of the whole search; false: of the newest iteration only, as in the paper.")

    options: Options

    @hookimpl
    def eureka_select(self, history: History) -> tuple[str, ...]:
        # An unusable fitness ranks as −inf; it must not become a parent even when nothing else has trained.
        trained = [entry for entry in history.trained() if math.isfinite(history.rank(entry)[0])]
        if not self.options.elitism and trained:
            # As in the paper: an iteration in which everything failed leaves the parents of the one before in place.
            newest = max(entry.candidate.iteration for entry in trained)
            trained = [entry for entry in trained if entry.candidate.iteration == newest]
        distinct: dict[str, Entry] = {}
        for entry in sorted(trained, key=lambda entry: self._rank(history, entry), reverse=True):  # stable: of equals the earlier one leads
            distinct.setdefault(entry.candidate.sha256, entry)
        return tuple(entry.id for entry in distinct.values())[: self.options.k]

    @staticmethod
    def _rank(history: History, entry: Entry) -> tuple[float, bool, float]:
        # Means over the checkpoints of a whole training and of a pruned one do not compare: of equals the whole one is known better.
        fitness, mean = history.rank(entry)
        return fitness, entry.outcome is not None and entry.outcome.pruned_at is None, mean
