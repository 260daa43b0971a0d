"""Lessons as segments: where a training is cut, and which lesson each of its segments is of.

The host decides between jobs: the lesson of a segment follows from the results of the segments before it, so a resume finds the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from eureka.config_models import Config
from eureka.contracts import build_manager
from eureka.lesson_types import Lesson
from eureka.registry import make, resolve
from eureka.types import ComponentSpec, Task, TrainResult


class Place(NamedTuple):
    """Where in a curriculum a segment is. begins: whether it is the first one of its lesson, and there is another lesson before."""

    lesson: Lesson
    is_last: bool
    begins: bool


def lessons_of(config: Config) -> tuple[Lesson, ...]:
    """The lessons that the config's trainer has, in order, the last of them the task itself; empty where there is but the task."""
    return _lessons(config.trainer.model_dump_json(), config.task.model_dump_json(by_alias=True))


@lru_cache(maxsize=8)
def _lessons(trainer: str, task_json: str) -> tuple[Lesson, ...]:
    task = Task.model_validate_json(task_json)
    if getattr(resolve("sim", task.sim.use), "trainers", None) is not None:
        return ()  # its trainers are names for its own worker
    component = make("trainer", ComponentSpec.model_validate_json(trainer))
    lessons: tuple[Lesson, ...] | None = build_manager({"trainer": component}).hook.eureka_lessons(task=task)
    return lessons or ()


def segment_ends(config: Config) -> tuple[int, ...]:
    """Environment steps at which each segment of a training ends; the last is the whole training.

    With lessons: where each ends at the latest and, if any may end sooner, at every checkpoint before the last lesson must have begun.
    """
    training, lessons = config.training, lessons_of(config)
    if not lessons:
        return training.ends
    latest = list(accumulate(lesson.steps or 0 for lesson in lessons[:-1]))
    cuts = {*latest, training.steps}
    if any(lesson.until for lesson in lessons):
        due = (math.ceil(training.steps * k / training.checkpoints) for k in range(1, training.checkpoints))
        cuts |= {cut for cut in due if cut < latest[-1]}
    return tuple(sorted(cuts))


def place_of(config: Config, before: Sequence[TrainResult]) -> Place | None:
    """Which lesson a training's next segment is of. before: its segments so far, all of which went well. None without lessons."""
    lessons = lessons_of(config)
    if not lessons:
        return None
    at, begun, mine = 0, 0, list[TrainResult]()
    for end, result in zip(segment_ends(config), before, strict=False):
        mine.append(result)
        if at < len(lessons) - 1 and _is_over(lessons[at], end - begun, mine):
            at, begun, mine = at + 1, end, []
    return Place(lessons[at], is_last=at == len(lessons) - 1, begins=at > 0 and not mine)


def _is_over(lesson: Lesson, steps: int, results: Sequence[TrainResult]) -> bool:
    """Whether a training has done with a lesson after so many steps of it. results: its segments in that lesson."""
    if lesson.steps is not None and steps >= lesson.steps:
        return True
    fitness, until = lesson.task.fitness, lesson.until
    scores = [fitness.score(point.fitness) for result in results for point in result.checkpoints]
    if until is None or not scores:
        return False
    if until.fitness is not None and max(scores) >= fitness.score(until.fitness):
        return True
    return until.plateau is not None and len(scores) - 1 - scores.index(max(scores)) >= until.plateau


def segment_lengths(config: Config) -> list[int]:
    """Environment steps of each segment."""
    return [end - start for start, end in pairwise((0, *segment_ends(config)))]
