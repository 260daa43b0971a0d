"""`none`: components that do nothing, for kinds that can be left out."""

from __future__ import annotations

from typing import ClassVar

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
    """Tell the generator nothing about how training went."""

    @hookimpl
    def eureka_reflect(self, history: History, parent: str) -> str:
        return ""
