"""`trainer: curriculum`: lessons in their order, each begun with what the one before came to."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.component import Component, hookimpl
from eureka.contracts import build_manager
from eureka.hookspecs import TrainingRequest
from eureka.job_types import TrainJob
from eureka.lesson_types import Lesson, Until
from eureka.registry import make
from eureka.task_types import Task
from eureka.training import LoadRequest, Policy, TrainTools
from eureka.types import Anew
from eureka_curriculum.options import Options as CurriculumOptions


class CurriculumTrainer(Component):
    """Train every reward through easier lessons first: each goes on from the policy of the one before, in an environment of its own.

    `training.steps` is what all lessons take together. A candidate's fitness is that of the last lesson alone, which is the task. Another
    trainer does the work (`inner`); core cuts each training where its lessons end and gives every piece its lesson's environment.
    """

    Options = CurriculumOptions

    options: CurriculumOptions

    def __init__(self, options: CurriculumOptions) -> None:
        super().__init__(options)
        inner = make("trainer", options.inner.spec, "trainer.inner")
        self._inner = build_manager({"trainer": inner}).hook
        self.renews: frozenset[Anew] = getattr(inner, "renews", frozenset())
        self.takes_policies: bool = getattr(inner, "takes_policies", False)

    @hookimpl
    def eureka_lessons(self, task: Task) -> tuple[Lesson, ...]:
        """The lessons with their whole tasks."""
        return tuple(
            Lesson(
                name=lesson.name,
                task=lesson.task.of(task),
                steps=lesson.steps,
                until=Until(**lesson.until.model_dump()) if lesson.until is not None else None,
                anew=("environment", *lesson.reset),
            )
            for lesson in self.options.lessons
        )

    # ── What is done in one lesson is the inner trainer's ────────────────────────────────────────────────────────────

    @hookimpl
    def eureka_warm_up(self) -> None:
        self._inner.eureka_warm_up()

    @hookimpl
    def eureka_check_training(self, request: TrainingRequest) -> list[str]:
        said: list[Sequence[str]] = self._inner.eureka_check_training(request=request)
        return [line for lines in said for line in lines]

    @hookimpl
    def eureka_train(self, job: TrainJob, tools: TrainTools) -> bool | None:
        done: bool | None = self._inner.eureka_train(job=job.model_copy(update={"trainer": self.options.inner.spec}), tools=tools)
        return done

    @hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy | None:
        policy: Policy | None = self._inner.eureka_load_policy(request=request)
        return policy
