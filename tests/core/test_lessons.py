"""Which lesson a segment is of, from the results of the segments before it."""

from __future__ import annotations

import pytest

from eureka import lessons
from eureka.lesson_types import Lesson, Until
from eureka.types import CheckpointResult, Fitness, Task, TrainResult

TASK = Task(name="t", description="d", sim="s", fitness=Fitness(value="native"))


class Config:
    """What `lessons` reads of a config."""

    class training:
        steps, checkpoints, ends = 100, 10, (100,)


@pytest.fixture
def plan(monkeypatch):
    """A curriculum of these lessons and the task; then the lesson of each segment, given the fitness at every checkpoint."""

    def of(*before: Lesson):
        given = (*before, Lesson(name="task", task=TASK))
        monkeypatch.setattr(lessons, "lessons_of", lambda config: given)
        ends = lessons.segment_ends(Config)

        def names(fitness):
            results, told, start = [], [], 0
            for end in ends:
                place = lessons.place_of(Config, results)
                told.append(place.lesson.name + "*" * place.begins)
                due = [k for k in range(1, 11) if start < 10 * k <= end]
                points = [CheckpointResult(index=k, steps=10 * k, fitness=fitness[k - 1], length=1) for k in due]
                results.append(TrainResult(trial="", dir="", spec="", status="ok", checkpoints=tuple(points)))
                start = end
            return told

        return ends, names

    return of


def lesson(name, steps, goal="maximize", **until):
    task = TASK.model_copy(update={"fitness": Fitness(value="native", goal=goal)})
    return Lesson(name=name, task=task, steps=steps, until=Until(**until) if until else None)


def test_lessons_that_only_have_steps_are_a_segment_each(plan):
    ends, names = plan(lesson("a", 25), lesson("b", 40))
    assert ends == (25, 65, 100) and names(range(10)) == ["a", "b*", "task*"]


def test_one_that_may_end_sooner_is_cut_at_checkpoints_and_the_task_is_not(plan):
    ends, names = plan(lesson("a", 35, fitness=5), lesson("b", 20))
    assert ends == (10, 20, 30, 35, 40, 50, 55, 100)
    assert names([0] * 10) == ["a", "a", "a", "a", "b*", "b", "b", "task*"]
    assert names([0, 5, *[0] * 8]) == ["a", "a", "b*", "b", "b", "task*", "task", "task"]


def test_less_is_better_where_the_lessons_goal_is_to_minimize(plan):
    _, names = plan(lesson("a", 30, "minimize", fitness=5))
    assert names([9, 5, *[9] * 8]) == ["a", "a", "task*", "task"]


def test_a_plateau_is_so_many_checkpoints_without_a_better_one(plan):
    _, names = plan(lesson("a", 60, plateau=2))
    assert names([1, 2, 2, 1, *[9] * 6]) == ["a", "a", "a", "a", "task*", "task", "task"]
    assert names([1, 2, 1, 3, 4, 5, *[9] * 4]) == ["a"] * 6 + ["task*"]


def test_what_one_lesson_reached_does_not_count_in_the_next(plan):
    _, names = plan(lesson("a", 30, fitness=5), lesson("b", 30, fitness=5))
    assert names([5, 0, 5, *[0] * 7]) == ["a", "b*", "b", "task*", "task", "task", "task"]
