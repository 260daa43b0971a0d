"""The two rewards a report puts beside each other: the found one and the human one, as far as that one may be shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from eureka.builtin.outside_text import one_line, plain
from eureka.report.reading import Reported
from eureka.report.words import best_fitness


@dataclass(frozen=True, slots=True)
class Shown:
    """A reward. told: what it is, in a sentence. code: its program; None where there is none to show."""

    title: str
    told: str
    code: str | None


def found(run: Reported) -> Shown:
    """The best reward, or that there is none."""
    if run.best is None:
        return Shown("The found reward", "No reward of this run has trained yet.", None)
    return Shown("The found reward", f"Reward {run.best.id}, {best_fitness(run)}.", plain(run.best.code).strip("\n"))


def human(run: Reported) -> Shown:
    """The reward to beat: the task's file, or the environment's own, which is part of the simulator."""
    title, file = "The human reward", run.state.task.human
    if file == "native":
        told = "The environment's own reward. It is computed inside of the simulator, so there is no program to show."
        return Shown(title, told, None)
    name = one_line(Path(file).name, 200)
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        return Shown(title, f"It is in {one_line(file, 400)}, which cannot be read now ({error.strerror}).", None)
    then = run.state.header.files.get(file) if run.state.header is not None else None
    changed = then is not None and hashlib.sha256(content).hexdigest() != then
    told = f"The task's file {name}" + (", which has changed since this run began: this is what it holds now." if changed else ".")
    return Shown(title, told, plain(content.decode(errors="replace")).strip("\n"))
