"""`best`: the fittest candidates become the parents of the next iteration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

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
        ranked = distinct(eligible(history, self.options.elitism), lambda entry: fitness_key(history, entry))
        return tuple(entry.id for entry in ranked[: self.options.k])


def eligible(history: History, elitism: bool) -> list[Entry]:
    """Who may become a parent, oldest first. elitism: of the whole search, else of the newest iteration that trained."""
    # An unusable fitness ranks as −inf; it must not become a parent even when nothing else has trained.
    trained = [entry for entry in history.trained() if math.isfinite(history.rank(entry)[0])]
    if not elitism and trained:
        # As in the paper: an iteration in which everything failed leaves the parents of the one before in place.
        newest = max(entry.candidate.iteration for entry in trained)
        trained = [entry for entry in trained if entry.candidate.iteration == newest]
    return trained


def distinct(entries: Iterable[Entry], key: Callable[[Entry], Any]) -> list[Entry]:
    """One candidate of each program, those of the largest key first; of equals the earlier one leads."""
    best: dict[str, Entry] = {}
    for entry in sorted(entries, key=key, reverse=True):  # stable
        best.setdefault(entry.candidate.sha256, entry)
    return list(best.values())


def fitness_key(history: History, entry: Entry) -> tuple[float, bool, float]:
    """Sort key, larger is better: fitness, then whether it trained to the end, then the mean over checkpoints."""
    # Means over the checkpoints of a whole training and of a pruned one do not compare: of equals the whole one is known better.
    fitness, mean = history.rank(entry)
    return fitness, entry.outcome is not None and entry.outcome.pruned_at is None, mean
