"""What a run has come to so far, as generators, selectors and reflectors see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eureka.generator_types import Failure
from eureka.transitions import EvaluationTransitions, load_transitions
from eureka.types import (
    Candidate,
    Completion,
    EnvContext,
    Note,
    Outcome,
    Preference,
    Question,
    Reflection,
    Selection,
    Task,
    TrainResult,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate and everything known of it.

    results: one per finished segment of its training, in order. lesson_results: those of a curriculum's lessons before the task itself,
        whose fitness is each lesson's own.
    """

    candidate: Candidate
    completion: Completion | None = None
    verdict: Verdict | None = None
    outcome: Outcome | None = None
    results: tuple[TrainResult, ...] = ()
    lesson_results: tuple[TrainResult, ...] = ()
    run_dir: Path = Path()

    @property
    def id(self) -> str:
        return self.candidate.id

    @property
    def trained(self) -> bool:
        """It has a fitness."""
        return self.outcome is not None and self.outcome.status == "ok"

    def transitions(self) -> EvaluationTransitions | None:
        """Evaluation episodes of all its checkpoints, or None when nothing was recorded."""
        dirs = self.outcome.dirs if self.outcome else ()
        return load_transitions([self.run_dir / d / "transitions.npz" for d in dirs])


@dataclass(frozen=True, slots=True)
class History:
    """The whole search so far: every candidate of every iteration of one restart, oldest first.

    questions, notes, preferences: of the whole run, for what people say may hold for every restart.
    """

    task: Task
    context: EnvContext
    restart: int
    entries: tuple[Entry, ...] = ()
    selections: tuple[Selection, ...] = ()
    reflections: tuple[Reflection, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Note, ...] = ()
    preferences: tuple[Preference, ...] = ()
    by_id: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {e.id: e for e in self.entries})

    def iteration(self, index: int) -> tuple[Entry, ...]:
        """The candidates of one iteration, by sample."""
        return tuple(e for e in self.entries if e.candidate.iteration == index)

    @property
    def iterations(self) -> int:
        """How many iterations have candidates."""
        return max((e.candidate.iteration + 1 for e in self.entries), default=0)

    def trained(self) -> Iterator[Entry]:
        """Candidates that have a fitness, oldest first."""
        return (e for e in self.entries if e.trained)

    def rank(self, entry: Entry) -> tuple[float, float]:
        """Sort key, larger is better: the best checkpoint's fitness, then the mean over checkpoints (how soon it learnt)."""
        outcome = entry.outcome
        if outcome is None:
            return (float("-inf"), float("-inf"))
        return (self.task.fitness.score(outcome.fitness), self.task.fitness.score(outcome.mean_fitness))


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """What a generator is asked for.

    missing: the samples to answer, of 0 to `samples - 1`; after a resume only those not yet journalled. The draft of a
        sample must not depend on which others are missing.
    seed: derived from the run's seed for this iteration; every random choice comes from it.
    parents, reflections: what the selector chose after the iteration before, and what is said of each; empty at first.
    failures: the distinct ways candidates of the iteration before failed, as a human or a model may read them.
    """

    history: History
    restart: int
    iteration: int
    iterations: int
    samples: int
    missing: tuple[int, ...]
    seed: int
    parents: tuple[str, ...] = ()
    reflections: tuple[Reflection, ...] = ()
    failures: tuple[Failure, ...] = ()
