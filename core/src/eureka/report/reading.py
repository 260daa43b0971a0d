"""A run as a report tells of it: read once, with what its last session says of how it was left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eureka.builtin.outside_text import one_line
from eureka.choice import best
from eureka.config import Config
from eureka.inbox import peek, unfit
from eureka.journal import is_open
from eureka.opened_run import read_run
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Candidate, CheckpointResult, Outcome

Status = Literal["going on", "ended", "interrupted", "stopped", "failed", "killed"]


@dataclass(frozen=True, slots=True)
class Reported:
    """A run at one moment.

    summary: what `summary.json` holds, up to date. best: the best program's first candidate, None while none has trained.
    message: what its last session said when it left. as_of: when it was read, in seconds since 1970.
    """

    dir: Path
    config: Config
    state: State
    summary: dict[str, Any]
    best: Candidate | None
    status: Status
    message: str
    as_of: float

    def outcome(self, candidate: str) -> Outcome | None:
        """What became of a candidate's training; of its twin's where that stands for it."""
        outcome = self.state.outcomes.get(candidate)
        return self.state.outcomes.get(outcome.shared_with, outcome) if outcome is not None and outcome.shared_with else outcome

    def checkpoints(self, folders: tuple[str, ...]) -> list[CheckpointResult]:
        """Of all segments of a training, in order, lessons before the task itself apart: their fitness is another."""
        results = [self.state.results[folder] for folder in folders if folder in self.state.results]
        return [point for result in results if not result.lesson for point in result.checkpoints]

    def lessons_told(self) -> str:
        """When trainings came from their lessons to the task itself, in words; empty where there were none."""
        names = dict.fromkeys(result.lesson for result in self.state.results.values() if result.lesson)
        ends: dict[str, int] = {}
        for folder, result in self.state.results.items():
            if result.lesson and result.status == "ok":
                training = folder.rpartition("/")[0]
                ends[training] = max(ends.get(training, 0), result.reached)
        if not ends:
            return ""
        first, last = min(ends.values()), max(ends.values())
        when = f"{first:,}" if first == last else f"{first:,} to {last:,}"
        before = f"Before the task itself came lessons ({', '.join(one_line(name) for name in names)}), over after {when} steps"
        return f"{before}. Their fitness is another: what is shown begins after them."


def read(directory: Path) -> Reported:
    """Read a run, which may be going on. Raises ConfigError for a directory that is no run, JournalError for a journal that is broken."""
    config, state = read_run(directory)
    for said in peek(state.run_dir):  # it waits for a run that may never go on
        if not unfit(said, state.candidates):
            state.apply(said)
    return reported(config, state)


def reported(config: Config, state: State) -> Reported:
    """The same of a run that is in memory."""
    program = best(state)
    status, message = _status(state)
    return Reported(
        dir=state.run_dir,
        config=config,
        state=state,
        summary=summarize(state),
        best=program.candidate if program is not None else None,
        status=status,
        message=message,
        as_of=time.time(),
    )


def _status(state: State) -> tuple[Status, str]:
    last = state.sessions[-1] if state.sessions else None
    if last is None or last.event == "started" or last.event == "resumed":
        return ("going on" if is_open(state.run_dir) else "killed"), ""
    return last.event, last.message
