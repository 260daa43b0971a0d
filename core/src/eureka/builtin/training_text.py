"""How a candidate's training went, as lines of numbers for a generator to read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eureka.builtin.outside_text import one_line
from eureka.history import Entry, History
from eureka.types import CheckpointResult, TrainResult

_SHOWN = 10


def checkpoints(history: History, entry: Entry) -> list[CheckpointResult]:
    """Of all segments; an identical program's where that was trained in its place."""
    return [checkpoint for result in _trained(history, entry).results for checkpoint in result.checkpoints]


def _trained(history: History, entry: Entry) -> Entry:
    """The entry whose training stands for this one."""
    if entry.outcome is not None and entry.outcome.shared_with is not None:
        return history.by_id.get(entry.outcome.shared_with, entry)
    return entry


def lesson_rows(history: History, entry: Entry) -> list[str]:
    """A line for each lesson before the task itself: until when it was trained, and its own fitness on the way. Empty without lessons."""
    lessons: dict[str, list[TrainResult]] = {}
    for result in _trained(history, entry).lesson_results:
        lessons.setdefault(result.lesson, []).append(result)
    lines = []
    for name, results in lessons.items():
        curve = [point.fitness for result in results for point in result.checkpoints]
        head = f"lesson {one_line(name)} (until step {results[-1].reached}), its own fitness"
        lines.append(row(head, curve) if curve else f"{head}: not measured")
    return lines


def trained_for(points: Sequence[CheckpointResult]) -> str:
    """How long, and how often it was looked at: two sentences, the second without its full stop. points: at least one."""
    steps, times = points[-1].steps, len(points)
    return f"A policy was trained with this reward for {steps} environment steps. At {times} points on the way it was evaluated"


def fitness_row(history: History, points: Sequence[CheckpointResult]) -> str:
    """The fitness at each checkpoint, and which way is better."""
    goal = "higher is better" if history.task.fitness.goal == "maximize" else "lower is better"
    return row(f"fitness ({goal})", [point.fitness for point in points])


def row(label: str, curve: Sequence[float]) -> str:
    """Ten values at most, then maximum, mean and minimum of all that are finite."""
    last = len(curve) - 1
    shown = curve if len(curve) <= _SHOWN else [curve[round(i * last / (_SHOWN - 1))] for i in range(_SHOWN)]
    finite = [v for v in curve if math.isfinite(v)] or [math.nan]
    values = ", ".join(map(number, shown))
    return f"{label}: [{values}], max {number(max(finite))}, mean {number(sum(finite) / len(finite))}, min {number(min(finite))}"


def number(value: float) -> str:
    """Three digits, and no "-0"."""
    return f"{value + 0.0:.3g}"
