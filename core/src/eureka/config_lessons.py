"""Refuses lessons that cannot follow one another, or that something else in the config does not go with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from eureka.config_models import Config
from eureka.errors import ConfigError
from eureka.inner import innermost
from eureka.layers import Layers
from eureka.lesson_types import Lesson
from eureka.lessons import lessons_of
from eureka.registry import make, resolve
from eureka.types import Anew
from eureka.validation import at_place, show
from eureka.yaml_source import KeyPath


def check_lessons(config: Config, layers: Layers) -> None:
    """Raise ConfigError, a line per mistake, for lessons of a config with resolved components."""
    lessons = lessons_of(config)
    if not lessons:
        return
    problems: list[str] = []

    def wrong(path: KeyPath, message: str) -> None:
        problems.append(at_place(layers.where(path), path, message))

    at: KeyPath = ("trainer", "lessons")
    if twice := [name for name, count in Counter(lesson.name for lesson in lessons).items() if count > 1]:
        wrong(at, f"two lessons are named {show(twice[0])}; give each a name of its own")
    if lessons[-1].task != config.task:
        wrong(at, f"the last lesson, {show(lessons[-1].name)}, is to be the task itself; add one without `task` after it")
    before, total = sum(lesson.steps or 0 for lesson in lessons[:-1]), config.training.steps
    if before >= total:
        why = f"may take {before:,} steps and leave nothing of training.steps ({total:,}) for the last, which is the task itself"
        wrong(at, f"the lessons before the last {why}; give them fewer, or raise training.steps")
    for index, lesson in enumerate(lessons[:-1]):
        for key, why in _never_there(config, lesson):
            wrong((*at, index, "until", key), why)
    if lacking := _cannot_renew(config):
        trainer = show(innermost("trainer", config.trainer).use)
        what = "cannot go on in another environment, so it has no lessons"
        if "environment" not in lacking:
            what = f"cannot begin {' and '.join(lacking)} anew; take that out of `reset`"
        wrong(("trainer",), f"{trainer} {what}")
    if config.training.segments != 1:
        shown = show(config.training.segments)
        wrong(("training", "segments"), f"{shown} does not go with lessons, which are segments themselves; leave it at 1")
    if not getattr(resolve("pruner", config.pruner.use), "keeps_all", False):
        why = "compares trainings by their fitness, and that of another lesson is another; with lessons, set pruner: none"
        wrong(("pruner",), f"{show(config.pruner.use)} {why}")
    if problems:
        raise ConfigError("\n".join(problems))


def _never_there(config: Config, lesson: Lesson) -> Iterator[tuple[str, str]]:
    """What of `until` could end the lesson no sooner than its steps do, since too few checkpoints come before: its key, and why."""
    training, until = config.training, lesson.until
    if until is None or lesson.steps is None:
        return
    come = math.ceil(lesson.steps * training.checkpoints / training.steps) - 1
    takes = {"fitness": int(until.fitness is not None), "plateau": 0 if until.plateau is None else until.plateau + 1}
    for key, wanted in takes.items():
        if wanted > come:
            every = f"one every {training.steps // training.checkpoints:,} steps"
            yield (
                key,
                f"takes {wanted} checkpoint{'s' * (wanted > 1)}, and before the end of the lesson's {lesson.steps:,} steps come {come}, "
                f"{every}; raise training.checkpoints or the lesson's steps, or take this out",
            )


def _cannot_renew(config: Config) -> list[Anew]:
    """What lessons begin anew and the trainer does not say that it can."""
    renews: frozenset[Anew] = getattr(make("trainer", config.trainer), "renews", frozenset())
    return [what for what in dict.fromkeys(what for lesson in lessons_of(config)[1:] for what in lesson.anew) if what not in renews]
