"""What the page shows of a policy: its video, how its training went, what it does, and its reward's program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from eureka.builtin.outside_text import one_line, plain
from eureka.builtin.progress_lines import number
from eureka.people import CLIP, WHY
from eureka.report.colored import lines
from eureka.state import State
from eureka.types import CheckpointResult, Outcome
from eureka_human.web.drawing import Line, Plot, plot

_TRACES, _COLUMNS = 12, 6
_WHY = 400


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy with everything that is known of it. fitness: in words. code: lines of pieces, each a colour and a text."""

    id: str
    fitness: str
    steps: str
    curves: list[Plot]
    code: list[list[tuple[str, str]]]


def policy(state: State, candidate: str) -> Policy:
    """For questions in words, where nothing is to be hidden."""
    fitness, outcome = state.task.fitness, state.outcomes.get(candidate)
    unit = f" {one_line(fitness.unit, 40)}" if fitness.unit else ""
    points = _checkpoints(state, outcome)
    return Policy(
        id=candidate,
        fitness=f"{number(outcome.fitness if outcome else None)}{unit}",
        steps=f"{points[-1].steps:,}" if points else "0",
        curves=_curves(points),
        code=lines(plain(state.candidates[candidate].code).strip("\n")),
    )


def clip(run_dir: Path, candidate: str) -> Path | None:
    """Its video, if there is one."""
    path = run_dir / "feedback" / candidate / CLIP
    return path if path.is_file() else None


def why_no_clip(run_dir: Path, candidate: str) -> str:
    """The reason it has none; empty where nobody has tried yet."""
    try:
        return (run_dir / "feedback" / candidate / WHY).read_text(errors="replace")
    except OSError:
        return ""


def nameless(said: str, candidate: str) -> str:
    """A message for somebody who must not know of which candidate it is."""
    return one_line(said.replace(candidate, "…"), _WHY).rstrip(".")


def traces(state: State, candidates: Sequence[str]) -> list[list[Plot]]:
    """For each candidate what its best policy does in one evaluation episode: a plot a variable, with the same axes for all of them."""
    episodes = [_episode(state, candidate) for candidate in candidates]
    names = [name for name in dict.fromkeys(name for episode in episodes for name in episode) if not name.startswith("prev_")][:_TRACES]
    shown: list[list[Plot]] = []
    for episode in episodes:
        drawn = [plot(name, episode.get(name, []), "steps", [line for other in episodes for line in other.get(name, [])]) for name in names]
        shown.append([one for one in drawn if one is not None])
    return shown


def _episode(state: State, candidate: str) -> dict[str, list[Line]]:
    """The lines of every variable, over the first evaluation episode of the training's best checkpoint."""
    entry = state.entry(state.candidates[candidate])
    points = [point for result in entry.results for point in result.checkpoints]
    try:
        recorded = entry.transitions()
    except (OSError, ValueError, KeyError, BadZipFile):  # a broken file is no reason to show nothing else
        return {}
    if recorded is None or not points:
        return {}
    best = max(points, key=lambda point: state.task.fitness.score(point.fitness)).index
    of_best = np.flatnonzero(recorded.episode_checkpoint == best)
    rows = recorded.episode == (of_best[0] if len(of_best) else len(recorded.episode_checkpoint) - 1)
    steps = recorded.step[rows].tolist()
    columns = {name: np.atleast_2d(values[rows].T)[:_COLUMNS] for name, values in recorded.variables.items()}
    return {name: [(steps, column.tolist()) for column in array] for name, array in columns.items()}


def _checkpoints(state: State, outcome: Outcome | None) -> list[CheckpointResult]:
    folders = outcome.dirs if outcome is not None else ()
    return [point for folder in folders if folder in state.results for point in state.results[folder].checkpoints]


def _curves(points: Sequence[CheckpointResult]) -> list[Plot]:
    """Fitness, episode length and the reward's components over environment steps."""
    names = sorted(dict.fromkeys(name for point in points for name in point.components), key=lambda name: name != "total")
    drawn = [_curve("fitness", [(p.steps, p.fitness) for p in points]), _curve("episode length", [(p.steps, p.length) for p in points])]
    drawn += [
        _curve("the whole reward" if name == "total" else name, [(p.steps, p.components[name]) for p in points if name in p.components])
        for name in names
    ]
    return [one for one in drawn if one is not None]


def _curve(name: str, points: Sequence[tuple[float, float]]) -> Plot | None:
    return plot(name, [([x for x, _ in points], [y for _, y in points])], "steps")
