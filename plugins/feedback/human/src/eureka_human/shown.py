"""What a person who is asked on a terminal is shown of a policy, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import number
from eureka.history import Entry, History
from eureka.people import CLIP, WHY

_MOMENTS = 8
_ROWS = 12


def policy_lines(history: History, entry: Entry, run_dir: Path) -> list[str]:
    """Its video, fitness, curve and program."""
    fitness = entry.outcome.fitness if entry.outcome is not None else None
    curve = [number(point.fitness) for result in entry.results for point in result.checkpoints]
    clip, why = _video(run_dir, entry.id)
    return [
        f"  {entry.id}: fitness {number(fitness)} {history.task.fitness.unit}".rstrip(),
        f"    video: {clip or f'none, for {why}'}",
        f"    fitness at its checkpoints: {' '.join(curve)}" if curve else "    fitness at its checkpoints: not known",
        f"    reward: {run_dir / 'candidates' / entry.id / 'reward.py'}",
    ]


def blind_lines(entry: Entry, run_dir: Path, question: str, side: str) -> list[str]:
    """Its video, by a name that does not tell whose it is; where there is none, what the policy did in an episode, as numbers."""
    clip, why = _video(run_dir, entry.id)
    if clip is None:
        return [f"  {side}: no video, for {why}. One episode from start to end:", *(f"    {line}" for line in _trace(entry))]
    link = run_dir / "feedback" / question / f"{side}{clip.suffix}"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..", entry.id, clip.name))
    return [f"  {side}: {link}"]


def _video(run_dir: Path, candidate: str) -> tuple[Path | None, str]:
    """Its file, or why there is none."""
    folder = run_dir / "feedback" / candidate
    if (folder / CLIP).exists():
        return folder / CLIP, ""
    why = folder / WHY
    return None, one_line(why.read_text(encoding="utf-8", errors="replace")).rstrip(".") if why.exists() else "none was made"


def _trace(entry: Entry) -> Iterator[str]:
    """Each variable at a few moments of the first evaluation episode of the best checkpoint."""
    transitions = entry.transitions()
    points = [point for result in entry.results for point in result.checkpoints]
    if transitions is None or not points:
        yield "nothing was recorded of it"
        return
    best = next((p.index for p in points if entry.outcome is not None and p.fitness == entry.outcome.fitness), points[-1].index)
    episodes = np.flatnonzero(transitions.episode_checkpoint == best)
    rows = np.flatnonzero(transitions.episode == (episodes[0] if len(episodes) else 0))
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(_MOMENTS, len(rows))).round().astype(int))] if len(rows) else rows
    columns = [
        (name if values.ndim == 1 else f"{name}[{part}]", column)
        for name, values in transitions.variables.items()
        if not name.startswith("prev_")
        for part, column in enumerate(values[rows].reshape(len(rows), -1).T)
    ]
    for name, column in columns[:_ROWS]:
        yield f"{name}: {' '.join(number(float(value)) for value in column)}"
    if len(columns) > _ROWS:
        yield f"… and {len(columns) - _ROWS} more"
