"""What a run has come to as its display sees it: a fold over events and records, with an estimate of the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from eureka.events import Progress, RunStart, StageStart
from eureka.types import Candidate, Completion, EnvContext, Fitness, Outcome, Verdict

Stage = Literal["written", "accepted", "rejected", "training", "trained", "pruned", "failed"]


@dataclass(slots=True)
class Row:
    """A candidate, or a trial of the retest or the final evaluation."""

    id: str
    restart: int = 0
    iteration: int = 0
    stage: Stage = "written"
    steps: int = 0
    total: int = 0
    fitness: float | None = None
    """The best checkpoint's so far."""
    rank: tuple[float, bool, float] = (float("-inf"), False, float("-inf"))
    """Once it has trained, larger is better, as the selector sees it: its score, whether it was trained to the end, its mean score."""
    note: str = ""
    lesson: str = ""
    """The one that is going on; empty without lessons."""

    @property
    def fraction(self) -> float:
        if self.stage in ("rejected", "trained", "pruned", "failed"):
            return 1.0
        return min(1.0, self.steps / self.total) if self.total else 0.0


@dataclass(slots=True)
class RunState:
    """Everything the display shows. `clock` gives seconds; only what this session measured enters the estimate."""

    run: RunStart
    clock: Callable[[], float] = time.monotonic
    maximize: bool = True
    stage: StageStart | None = None
    answers: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    trials: dict[str, Row] = field(default_factory=dict)
    best: tuple[str, float] | None = None
    _since: float = 0.0
    _spent: dict[str, float] = field(default_factory=lambda: {"train": 0.0, "between": 0.0})
    _whole: float = 0.0
    _begun: set[tuple[int, int]] = field(default_factory=set)

    def on_stage(self, event: StageStart) -> None:
        now = self.clock()
        if self.stage is not None and self.stage.stage != "feedback":  # how long people take tells nothing of how long they will
            # Training is paid for by the step, what lies between by the iteration.
            self._spent["train" if self.stage.stage == "train" else "between"] += now - self._since
            if self.stage.stage == "train" and event.stage != "train":
                self._whole += 1
        self.stage, self._since = event, now
        if event.stage == "generate":
            self.answers = 0
        elif event.stage == "train":
            self._begun.add((event.restart, event.iteration))
        elif event.stage in ("retest", "final"):
            self.trials = {trial: Row(trial) for trial in event.trials}

    def on_record(self, record: object) -> None:
        if isinstance(record, EnvContext):
            self.maximize = record.goal == "maximize"
        elif isinstance(record, Completion):
            self.answers += record.attempt == 0
        elif isinstance(record, Candidate):
            self.rows[record.id] = Row(record.id, record.restart, record.iteration)
        elif isinstance(record, Verdict) and record.candidate in self.rows:
            row = self.rows[record.candidate]
            row.stage, row.note = ("accepted", "") if record.accepted else ("rejected", record.message)
        elif isinstance(record, Outcome) and record.phase == "search" and record.candidate in self.rows:
            row = self.rows[record.candidate]
            row.stage = "failed" if record.status != "ok" else "trained" if record.pruned_at is None else "pruned"
            row.fitness = record.fitness
            row.rank = (self._score(record.fitness), record.pruned_at is None, self._score(record.mean_fitness))
            pruned = "" if record.pruned_at is None else self.percent(record.pruned_at)
            notes = [
                record.error.message if record.error else "",
                pruned,
                f"same program as {self.name(record.shared_with or '')}" * bool(record.shared_with),
            ]
            row.note = ", ".join(filter(None, notes))
            self._maybe_best(row)

    def on_progress(self, event: Progress) -> None:
        rows = self.trials if self.stage is not None and self.stage.stage in ("retest", "final") else self.rows
        row = rows.setdefault(event.trial, Row(event.trial, *self.iteration))
        row.steps, row.total = event.steps, event.total
        if event.lesson != row.lesson:
            row.lesson, row.fitness = event.lesson, None  # fitness of another kind
            row.note = f"lesson {event.lesson}"
        row.fitness = max((row.fitness, event.fitness), key=self._score)
        if event.status in ("running", "ok"):
            # A segment also ends `ok`; only the whole budget makes it trained.
            row.stage = "trained" if event.status == "ok" and event.steps >= event.total else "training"
        else:
            row.stage = "failed"

    def name(self, id: str) -> str:
        """What to call a reward, or a trial of it, such as `r0i0s00.final1`."""
        reward, dot, trial = id.partition(".")
        return self.run.names.get(reward, reward) + dot + trial

    @property
    def iteration(self) -> tuple[int, int]:
        """Restart and iteration of the stage that is going on."""
        return (self.stage.restart, self.stage.iteration) if self.stage else (0, 0)

    def current(self) -> list[Row]:
        """The rows of the iteration, retest or final evaluation that is going on."""
        if self.stage is not None and self.stage.stage in ("retest", "final"):
            return list(self.trials.values())
        return self.of_iteration(self.iteration)

    def of_iteration(self, iteration: tuple[int, int]) -> list[Row]:
        return [row for row in self.rows.values() if (row.restart, row.iteration) == iteration]

    def best_of(self, rows: list[Row]) -> Row | None:
        trained = [
            row
            for row in rows
            if row.stage in ("trained", "pruned") and row.fitness is not None and self._score(row.fitness) > float("-inf")
        ]
        return max(trained, key=lambda row: row.rank, default=None)

    def percent(self, steps: int) -> str:
        """How far into a candidate's training that is: "at 25 %"."""
        return f"at {100 * steps / self.run.steps_per_candidate:.3g} %"

    def seconds_left(self) -> float | None:
        """Of the search, or of the retest or final evaluation where that is going on; None until something was measured, and after all."""
        if self.stage is None or self.stage.stage == "clip":
            return None
        elapsed = self.clock() - self._since
        if self.stage.stage in ("retest", "final"):
            part = self._fraction()
            return elapsed * (1 - part) / part if part > 0 else None
        training = self.stage.stage == "train"
        part = self._fraction() if training else 1.0 if self.stage.stage in ("feedback", "reflect") else 0.0
        measured = self._whole + (part if training else 0.0)
        if measured <= 0:
            return None
        restart, iteration = self.iteration
        ahead = self.run.restarts * self.run.iterations - (restart * self.run.iterations + iteration) - 1
        training_left = (self._spent["train"] + (elapsed if training else 0.0)) / measured * (ahead + 1 - part)
        return training_left + self._spent["between"] / max(1, len(self._begun)) * ahead

    def _fraction(self) -> float:
        rows = self.current()
        trials = self.stage.trials if self.stage else ()
        rows = [row for row in rows if row.id in trials] if trials else [row for row in rows if row.stage != "rejected"]
        return sum(row.fraction for row in rows) / max(len(trials), len(rows), 1)

    def _score(self, fitness: float | None) -> float:
        return Fitness(value="", goal="maximize" if self.maximize else "minimize").score(fitness)

    def _maybe_best(self, row: Row) -> None:
        if row.fitness is not None and row.rank > (self.rows[self.best[0]].rank if self.best else (float("-inf"),)):
            self.best = (row.id, row.fitness)
