"""The state of a run: a fold over its journal. Resume, selection, summary and report all read this."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eureka.final_types import Clip, Correlation, Evaluation, FreshEvaluation
from eureka.history import Entry, History
from eureka.types import (
    Asked,
    Candidate,
    Completion,
    EnvContext,
    Fault,
    Note,
    Outcome,
    Preference,
    Pruning,
    Question,
    Record,
    Reflection,
    RunHeader,
    Selection,
    Session,
    Task,
    TrainResult,
    Verdict,
    Waited,
)


class State:
    """Everything the records say so far, indexed. `apply` is the only way it changes.

    task: as the user wrote it; one that declares no variables gets those that describing the environment derived.
    """

    def __init__(self, run_dir: Path, task: Task, records: Iterable[Record] = ()) -> None:
        self.run_dir = run_dir
        self.task = task
        self.header: RunHeader | None = None
        self.context: EnvContext | None = None
        self.asked: list[Asked] = []
        self.questions: dict[tuple[int, int, int, int], Asked] = {}
        """The latest question of each (restart, iteration, sample, attempt)."""
        self.faults: list[Fault] = []
        self.completions: dict[tuple[int, int, int, int], Completion] = {}
        self.candidates: dict[str, Candidate] = {}
        self._samples: dict[tuple[int, int], dict[int, str]] = {}
        """By iteration: sample → id of its candidate."""
        self.verdicts: dict[str, Verdict] = {}
        self.earlier: dict[str, list[tuple[Candidate, Verdict]]] = {}
        """The rejected attempts of each candidate that a later one has replaced."""
        self.results: dict[str, TrainResult] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.retests: dict[str, Outcome] = {}
        self.prunings: dict[tuple[int, int, int], Pruning] = {}
        self.selections: dict[tuple[int, int], Selection] = {}
        self.reflections: dict[tuple[int, int, str], Reflection] = {}
        self.questions_to_people: dict[str, Question] = {}
        self.notes: dict[str, Note] = {}
        self.preferences: dict[str, Preference] = {}
        self.waited: list[Waited] = []
        self.fresh: dict[str, FreshEvaluation] = {}
        self.evaluation: Evaluation | None = None
        self.correlations: dict[str, Correlation] = {}
        self.clip: Clip | None = None
        self.sessions: list[Session] = []
        self.open_intervals: list[list[float]] = []
        """[from, to] of every host that had the run open; of one that was killed, up to the last time a record names."""
        for record in records:
            self.apply(record)

    def apply(self, record: Record) -> None:
        """Take one record in. A later record of the same key replaces the earlier one."""
        match record:
            case RunHeader():
                self.header = record
            case EnvContext():
                self.context = record
                if not self.task.variables:
                    self.task = self.task.model_copy(update={"variables": record.derived})
            case Asked():
                self.asked.append(record)
                self.questions.update({(record.restart, record.iteration, sample, record.attempt): record for sample in record.samples})
            case Fault():
                self.faults.append(record)
            case Completion(restart=r, iteration=i, sample=s, attempt=a):
                self.completions[r, i, s, a] = record
            case Candidate(id=id_):
                if id_ in self.verdicts:
                    self.earlier.setdefault(id_, []).append((self.candidates[id_], self.verdicts.pop(id_)))
                self.candidates[id_] = record
                self._samples.setdefault((record.restart, record.iteration), {})[record.sample] = id_
            case Verdict(candidate=id_):
                self.verdicts[id_] = record
            case TrainResult(dir=dir_):
                self.results[dir_] = record
            case Outcome(candidate=id_):
                (self.outcomes if record.phase == "search" else self.retests)[id_] = record
            case Pruning(restart=r, iteration=i, segment=k):
                self.prunings[r, i, k] = record
            case Selection(restart=r, iteration=i):
                self.selections[r, i] = record
            case Reflection(restart=r, iteration=i, parent=p):
                self.reflections[r, i, p] = record
            case Question(id=id_):
                self.questions_to_people[id_] = record
            case Note(id=id_):
                self.notes[id_] = record
            case Preference(id=id_):
                self.preferences[id_] = record
            case Waited():
                self.waited.append(record)
            case FreshEvaluation(dir=dir_):
                self.fresh[dir_] = record
            case Evaluation():
                self.evaluation = record
            case Correlation(candidate=id_):
                self.correlations[id_] = record
            case Clip():
                self.clip = record
            case Session():
                self.sessions.append(record)
                if record.event in ("started", "resumed"):
                    self.open_intervals.append([record.time, record.time])
        if self.open_intervals:
            self.open_intervals[-1][1] = max(self.open_intervals[-1][1], _time_of(record))

    def iteration(self, restart: int, index: int) -> list[Candidate]:
        """The candidates of one iteration, by sample."""
        return [self.candidates[id_] for _, id_ in sorted(self._samples.get((restart, index), {}).items())]

    def entry(self, candidate: Candidate) -> Entry:
        """A candidate with all that is known of it."""
        outcome = self.outcomes.get(candidate.id)
        return Entry(
            candidate=candidate,
            completion=self.completions.get((candidate.restart, candidate.iteration, candidate.sample, candidate.attempt)),
            verdict=self.verdicts.get(candidate.id),
            outcome=outcome,
            results=tuple(self.results[d] for d in outcome.dirs if d in self.results) if outcome else (),
            lesson_results=tuple(self.results[d] for d in outcome.lesson_dirs if d in self.results) if outcome else (),
            run_dir=self.run_dir,
        )

    def history(self, restart: int) -> History:
        """One restart as components see it. Restarts know nothing of each other."""
        assert self.context is not None
        mine = sorted((c for c in self.candidates.values() if c.restart == restart), key=lambda c: (c.iteration, c.sample))
        return History(
            task=self.task,
            context=self.context,
            restart=restart,
            entries=tuple(self.entry(c) for c in mine),
            selections=tuple(s for (r, _), s in sorted(self.selections.items()) if r == restart),
            reflections=tuple(f for (r, _, _), f in sorted(self.reflections.items()) if r == restart),
            questions=tuple(self.questions_to_people.values()),
            notes=tuple(self.notes.values()),
            preferences=tuple(self.preferences.values()),
        )


def _time_of(record: Record) -> float:
    """The latest wall-clock time a record names; 0 when it names none, or one of another clock than the host's."""
    if isinstance(record, (Note, Preference)):
        return 0.0
    if isinstance(record, TrainResult):
        return max((end for _, end in (*record.training_intervals, *record.evaluation_intervals)), default=0.0)
    if isinstance(record, FreshEvaluation):
        return record.interval[1]
    fields = vars(record)  # pydantic looks long for a field that is not there
    return float(fields.get("ended", fields.get("time", 0.0)))
