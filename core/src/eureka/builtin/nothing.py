"""`none`: components for kinds that can be left out."""

from __future__ import annotations

from typing import ClassVar

from eureka.builtin.training_text import checkpoints, fitness_row, trained_for
from eureka.component import Component, hookimpl
from eureka.history import History
from eureka.hookspecs import Rung


class NoPruner(Component):
    """Train every candidate to the end of its budget."""

    keeps_all: ClassVar[bool] = True

    @hookimpl
    def eureka_prune(self, rung: Rung) -> tuple[str, ...]:
        return tuple(rung.results)


class NoReflector(Component):
    """Tell the generator the parent's fitness at its checkpoints and nothing of its terms, as in the paper's ablation.

    That is "Eureka (No Reward Reflection)" of Ma et al., 2024, whose feedback is the task metric alone.
    """

    @hookimpl
    def eureka_reflect(self, history: History, parent: str) -> str:
        points = checkpoints(history, history.by_id[parent])
        return f"{trained_for(points)}.\n\n{fitness_row(history, points)}" if points else ""
