"""`eureka.open_run`: a run's results for scripts and notebooks, read from its directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from eureka.choice import best
from eureka.config import Config, load_resolved
from eureka.errors import ConfigError
from eureka.journal import check_version, read_journal
from eureka.policy_dirs import policy_dir
from eureka.state import State
from eureka.suggest import closest
from eureka.summary import summarize
from eureka.types import Candidate, ComponentSpec, Task
from eureka.yaml_source import shown

Status = Literal["waiting", "rejected", "failed", "resource", "ok"]


@dataclass(frozen=True, slots=True)
class OpenedCandidate:
    """A reward of the run.

    status: `rejected` before training, `failed` in training, `resource` (the machine's fault), `ok`, or `waiting` to be trained.
    fitness: of its training in the search, None unless `ok`; `OpenedRun.best` has the mean over all trainings of the program.
    error: why it was rejected or failed. line: where in its code, if known. parents: ids of the rewards it was made from.
    """

    id: str
    code: str
    status: Status
    fitness: float | None
    error: str | None
    line: int | None
    parents: tuple[str, ...]


class OpenedRun:
    """A run as it was when it was opened; nothing in it is changed, and it may be running. Made by `eureka.open_run`.

    dir: the run's directory. task: its task, derived variables included. summary: what `summary.json` holds, up to date.
    candidates: every reward by id, in order. best: the best one so far, None while none has trained.
    """

    def __init__(self, directory: Path, state: State, trainer: ComponentSpec) -> None:
        self.dir = directory
        self.task: Task = state.task
        ordered = sorted(state.candidates.values(), key=lambda c: (c.restart, c.iteration, c.sample))
        self.candidates: Mapping[str, OpenedCandidate] = {c.id: _candidate(state, c) for c in ordered}
        program = best(state)
        self.best = replace(self.candidates[program.candidate.id], fitness=program.fitness) if program is not None else None
        self._state = state
        self._trainer = trainer

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Reckoned when first asked for: the intervals of a final evaluation take a moment."""
        return summarize(self._state)

    def policy(self, candidate: str | None = None) -> Any:
        """The policy trained under a reward: an `eureka.opened_policy.OpenedPolicy`, with `act(observation)`.

        candidate: a reward's id; the best one's if None. Where the final evaluation trained that reward, the policy is that of the
        training whose checkpoint did best on fresh episodes, else that of its best training in the search; always the training's best
        checkpoint. Loads the trainer's library, but no simulator. Raises ConfigError where there is no such policy.
        """
        from eureka.opened_policy import load

        if candidate is None:
            if self.best is None:
                raise ConfigError(f"{self.dir}: no reward of this run has trained yet, so there is no policy.")
            candidate = self.best.id
        if candidate not in self.candidates:
            raise ConfigError(f"{self.dir}: there is no reward {candidate!r}. Valid: {', '.join(self.candidates) or 'none yet'}.")
        folder = policy_dir(self._state, candidate)
        if folder is None:
            status = self.candidates[candidate].status
            raise ConfigError(f"{self.dir}: reward {candidate} is {status}, so there is no policy. Choose one whose status is ok.")
        return load(self.dir / folder / "checkpoint", self._trainer)


def open_run(directory: str | Path) -> OpenedRun:
    """What a run came to so far: `.summary`, `.candidates`, `.best` and `.policy()`. Reads only.

    Raises ConfigError for a directory that is no run, JournalError for a journal that is broken or of a newer version.
    """
    config, state = read_run(directory)
    return OpenedRun(state.run_dir, state, config.trainer)


def read_run(directory: str | Path) -> tuple[Config, State]:
    """A run's config and the fold over its journal. Reads only and loads no plugin; raises as `open_run` does."""
    path = Path(directory).expanduser().absolute()
    if not _is_run(path):
        why = "is no run: it holds no config.yaml and journal.jsonl" if path.is_dir() else "there is no such directory"
        raise ConfigError(f"{path}: {why}. {run_meant(path)}")
    check_version(path / "journal.jsonl")
    config = load_resolved(path / "config.yaml")
    return config, State(path, config.task, read_journal(path / "journal.jsonl"))


def run_of(file: Path) -> Path | None:
    """The run directory a file lies in, as `best_reward.py` or `candidates/<id>/reward.py` does; None if in none."""
    return next((p for p in file.absolute().parents[:3] if _is_run(p)), None)


def _is_run(path: Path) -> bool:
    return (path / "config.yaml").is_file() and (path / "journal.jsonl").is_file()


def run_meant(path: Path) -> str:
    """What to do about a directory that is no run: take the one like it inside of it, beside it or in runs/; else, where to look."""
    folders = [folder for folder in (Path("runs"), path.parent, path) if folder.is_dir() and os.access(folder, os.R_OK)]
    runs = {run.name: run for folder in folders for run in folder.iterdir() if _is_run(run)}
    near = closest(path.name, runs)
    if near is not None:
        return f"Did you mean {shown(runs[near])}?"
    return "Give the directory that `eureka run` named; without --run-dir it is in runs/."


def _candidate(state: State, candidate: Candidate) -> OpenedCandidate:
    verdict, outcome = state.verdicts.get(candidate.id), state.outcomes.get(candidate.id)
    status: Status = "waiting"
    error, line = None, None
    if verdict is not None and not verdict.accepted:
        status, error, line = "rejected", verdict.message, verdict.line
    elif outcome is not None:
        status = outcome.status
        if outcome.error is not None:
            error, line = outcome.error.message, outcome.error.line
    fitness = outcome.fitness if outcome is not None else None
    return OpenedCandidate(candidate.id, candidate.code, status, fitness, error, line, candidate.parents)
