"""Options of `trainer: curriculum`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from eureka import component
from eureka.inner import Inner
from eureka.registry import resolve
from eureka.task_change import TaskChange

Reset = Literal["optimizer", "learning_rate", "value_head", "normalizers"]


class InnerTrainer(Inner):
    """Who trains."""

    kind: ClassVar[str] = "trainer"


class Until(component.Options):
    """What ends a lesson before its steps are used up."""

    fitness: float | None = Field(
        None, allow_inf_nan=False, description="Passed with a checkpoint of this fitness, the lesson's own, or better."
    )
    plateau: int | None = Field(None, ge=1, strict=True, description="Over after so many checkpoints without a better one.")

    @model_validator(mode="after")
    def _one(self) -> Until:
        if self.fitness is None and self.plateau is None:
            raise ValueError("says nothing; give fitness: NUMBER, plateau: CHECKPOINTS, or both")
        return self


class Lesson(component.Options):
    """One stage of every training."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=40, description="What it is called in logs and reports.")
    task: TaskChange = Field(
        TaskChange(), description="In what it differs from the task: {sim: {env: …, kwargs: {…}, wrappers: […]}, fitness: {…}}."
    )
    steps: int | None = Field(
        None, ge=1, description="Environment steps at most; what a training does not use of them goes to the lessons after it."
    )
    until: Until | None = Field(
        None, description="What ends it sooner, looked at after each checkpoint: {fitness: NUMBER}, {plateau: CHECKPOINTS}, or both."
    )
    reset: tuple[Reset, ...] = Field(
        (), description="What begins anew with it: optimizer, learning_rate, value_head, normalizers. The policy's layers always stay."
    )


class Options(component.Options):
    """What trains, and the lessons in their order."""

    inner: InnerTrainer = Field(description="The trainer, with its options: {use: population, num_envs: 8, …}.")
    lessons: tuple[Lesson, ...] = Field(
        description="In their order: [{name: NAME, task: {sim: {…}, fitness: {…}}, steps: MOST, until: {fitness: NUMBER, plateau: "
        "CHECKPOINTS}, reset: [optimizer, learning_rate, value_head, normalizers]}, …, {name: NAME}]. `task` says in what one differs from "
        "the task. The last is the task itself and gets what is left of training.steps."
    )

    def fewer_envs(self, divisor: int) -> dict[str, Any] | None:
        """See `eureka.hookspecs.eureka_train`: what the inner trainer changes for it."""
        spec = self.inner.spec
        given = resolve("trainer", spec.use).Options.model_validate(spec.options)
        changes = getattr(given, "fewer_envs", lambda divisor: None)(divisor)
        return None if changes is None else {"inner": {"use": spec.use, **spec.options, **changes}}

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        if len(self.lessons) < 2:
            raise ValueError(
                f"lessons: {len(self.lessons)} given, and a curriculum has at least two, the last of them the task itself; "
                "for that alone name the inner trainer as trainer"
            )
        *before, last = self.lessons
        for index, lesson in enumerate(before):
            if lesson.steps is None:
                raise ValueError(f"lessons[{index}] ({lesson.name}): has no steps; say how many environment steps it may take at most")
        if last.steps is not None or last.until is not None:
            key = "until" if last.steps is None else "steps"
            raise ValueError(f"lessons[{len(before)}] ({last.name}): the last lesson gets the steps that are left; take out its {key}")
        if last.task != TaskChange():
            raise ValueError(
                f"lessons[{len(before)}] ({last.name}): the last lesson is the task itself, since its fitness is what counts; take out its "
                "task, or add a lesson after it"
            )
        if before[0].reset:
            raise ValueError(f"lessons[0] ({before[0].name}): everything is new in the first lesson; take out its reset")
        return self
