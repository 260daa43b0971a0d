"""A lesson: one stage of a curriculum, as a trainer that has some tells core of it."""

from __future__ import annotations

from pydantic import Field

from eureka.task_types import Record, Task
from eureka.types import Anew


class Until(Record):
    """What ends a lesson before its steps are used up, looked at after each checkpoint; whichever comes first."""

    fitness: float | None = Field(None, description="Passed with a checkpoint whose fitness, the lesson's own, is this or better.")
    plateau: int | None = Field(None, ge=1, description="Over once so many checkpoints in a row were no better than the best before them.")


class Lesson(Record):
    """One stage of every training. The last lesson of a curriculum is the task itself, and gets the steps that are left.

    task: the whole of it, with the same variables as the run's, since one reward is computed in all lessons.
    """

    name: str
    task: Task
    steps: int | None = Field(None, description="Environment steps at most; None for the last, which has no end of its own.")
    until: Until | None = None
    anew: tuple[Anew, ...] = Field(("environment",), description="What a training does not keep when it comes from the lesson before.")
