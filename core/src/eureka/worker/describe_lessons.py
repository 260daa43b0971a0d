"""A curriculum's lessons, looked at before anything is spent: a reward and a policy must be valid in all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pluggy

from eureka.env import Array
from eureka.errors import ConfigError, RewardFailed
from eureka.hookspecs import TrainingRequest
from eureka.lesson_types import Lesson
from eureka.spaces import difference
from eureka.types import Task
from eureka.worker.alive import Alive
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.finite import check_fitness
from eureka.worker.random_rollout import ROWS, roll_out
from eureka.worker.recorder import Recorder, all_names


def describe_lessons(
    lessons: Sequence[Lesson], task: Task, own: Recorder, hooks: pluggy.PluginManager, seed: int, steps: int, alive: Alive
) -> tuple[dict[str, int | None], dict[str, list[Array]]]:
    """Roll each lesson out at random: its `max_episode_steps`, and what was recorded of every variable, float64, (R,) or (R, d) each.

    task: the run's, with its variables. own: its environment. hooks: with the trainer. Raises ConfigError naming the lesson.
    """
    limits: dict[str, int | None] = {}
    recordings: dict[str, list[Array]] = {name: [] for name in all_names(task)}
    for index, lesson in enumerate(lessons):
        try:
            one = lesson.task.model_copy(update={"variables": task.variables})
            recorder = make_recorder(worker_hooks(one), one, ROWS, all_names(one))
            recorder.on_steps, recorder.strict = alive, True
            _same_spaces(recorder, own)
            request = TrainingRequest(recorder.observation_space, recorder.action_space, steps, recorder.max_episode_steps)
            hooks.hook.eureka_check_training(request=request)
            recorded = roll_out(recorder, seed)
            check_fitness(one, recorded)
            for name, columns in recordings.items():
                columns.append(recorded.flat(name))
            limits[lesson.name] = recorder.max_episode_steps
            recorder.close()
        except (ConfigError, RewardFailed) as error:
            why = error.message if isinstance(error, RewardFailed) else error
            raise ConfigError(f"trainer.lessons[{index}] ({lesson.name}): {why}") from None
    return limits, recordings


def _same_spaces(lesson: Recorder, own: Recorder) -> None:
    """Raise ConfigError where a policy of the lesson could not act in the task."""
    for what in ("observation_space", "action_space"):
        found, wanted = getattr(lesson, what), getattr(own, what)
        if found != wanted:
            words = what.replace("_", " ")
            raise ConfigError(
                f"its {words} has {difference(found, wanted)}, the task's; one policy acts in both, so they must be the same."
            )


def with_lessons(own: dict[str, Array], lessons: dict[str, list[Array]]) -> dict[str, Array]:
    """The task's recordings followed by those of the lessons. Raises ConfigError where a variable has another shape in one."""
    for name, columns in lessons.items():
        if other := [column.shape[1:] for column in columns if column.shape[1:] != own[name].shape[1:]]:
            raise ConfigError(f"variables.{name}: its shape is {own[name].shape[1:]}, and in a lesson {other[0]}; it must be one in all.")
    return {name: np.concatenate([column, *lessons.get(name, [])]) for name, column in own.items()}
