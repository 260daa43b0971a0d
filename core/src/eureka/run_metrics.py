"""What a dashboard shows of a run, whichever it is: named numbers and texts, as a fold over the run's journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from eureka.config import load_resolved
from eureka.conversation import as_text
from eureka.final_types import Evaluation, FinalTraining
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Candidate, Completion, Outcome, Record, Selection, Session, TrainResult, Verdict

Axis = Literal["env_step", "iteration", "trained", "seed"]
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Numbers:
    """One point of some curves. series: what they are curves of; empty: the whole run. step: where it lies on the axis."""

    series: str
    axis: Axis
    step: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Text:
    """A text from outside (a model's, a candidate's), to be shown as it is. step: the attempt of the candidate it is about."""

    series: str
    step: int
    name: str
    text: str


class RunMetrics:
    """Makes points and texts of records. Given a journal from its first line on, it gives each of them once, in the same order.

    Series and their axes:
    * a training, by its trial's name (`r0i2s07`, `r0i2s07.retest`, `human.final0`): a point per checkpoint over environment steps; what is
      measured in a lesson before the task itself has names of its own (`lesson/<name>/fitness`);
    * a restart (`r0`): a point per iteration, once all of it is decided;
    * the whole run (empty): a point per trained candidate over their number, and of the final evaluation one per seed.
    """

    def __init__(self, run_dir: Path) -> None:
        config = load_resolved(run_dir / "config.yaml")
        self.state = State(run_dir, config.task)
        self._search = config.search
        self._told: dict[_Place, bool] = {}
        """Every iteration that began, and whether its point was made."""
        self._trained = 0
        self._best: float | None = None
        self._evaluations = 0

    def take(self, record: Record) -> list[Numbers | Text]:
        """What is new to show with the next record of the journal."""
        self.state.apply(record)
        return [*self._iterations(record), *self._of(record)]

    def _of(self, record: Record) -> Iterator[Numbers | Text]:
        match record:
            case Candidate():
                yield from self._written(record)
            case Verdict():
                yield Text(record.candidate, record.attempt, "verdict", _verdict(record))
            case TrainResult():
                lesson = f"lesson/{record.lesson}/" if record.lesson else ""
                for point in record.checkpoints:
                    parts = {f"reward/{name}": value for name, value in point.components.items()}
                    measured = {f"{lesson}fitness": point.fitness, f"{lesson}episode_length": point.length}
                    yield Numbers(record.trial, "env_step", point.steps, measured | parts)
            case Outcome(phase="search"):
                attempt = self.state.candidates[record.candidate].attempt
                yield Text(record.candidate, attempt, "outcome", _outcome(record))
                if record.fitness is not None:
                    yield self._reached(record.fitness)
            case Evaluation():
                yield from self._final(record)

    def _written(self, candidate: Candidate) -> Iterator[Text]:
        key = candidate.restart, candidate.iteration, candidate.sample, candidate.attempt
        question, answer = self.state.questions.get(key), self.state.completions.get(key)
        texts = {
            "prompt": as_text(question.messages) if question is not None else "",
            "answer": answer.text if answer is not None else "",
            "program": candidate.code,
        }
        for name, text in texts.items():
            if text:
                yield Text(candidate.id, candidate.attempt, name, text)

    def _reached(self, fitness: float) -> Numbers:
        self._trained += 1
        self._best = max((self._best, fitness), key=self.state.task.fitness.score)
        results = self.state.results.values()
        values = {
            "search/fitness": fitness,
            "search/best_so_far": fitness if self._best is None else self._best,
            "search/env_steps": sum(result.steps + result.evaluation_steps for result in results),
        }
        return Numbers("", "trained", self._trained, values)

    def _final(self, evaluation: Evaluation) -> Iterator[Numbers | Text]:
        """A run that was extended has another evaluation: its points get a name of their own."""
        self._evaluations += 1
        name = "final" if self._evaluations == 1 else f"final{self._evaluations}"
        for seed in sorted({training.seed for training in evaluation.trainings}):
            measured = [(name_of(t), t.fresh) for t in evaluation.trainings if t.seed == seed]
            values = {f"{name}/{reward}": fresh for reward, fresh in measured if fresh is not None}
            if values:
                yield Numbers("", "seed", seed, values)
        yield Text("", self._evaluations - 1, "final", _table(evaluation))

    def _iterations(self, record: Record) -> Iterator[Numbers]:
        """The points of iterations that are over, now that something later began or the run ended."""
        now: _Place | None = None
        if isinstance(record, (Candidate, Completion)):
            now = record.restart, record.iteration
            self._told.setdefault(now, False)
        elif isinstance(record, TrainResult):
            if record.trial in self.state.candidates:
                return  # an iteration is still training
        elif not (isinstance(record, Selection) or (isinstance(record, Session) and record.event == "ended")):
            return
        for place in [p for p, told in self._told.items() if not told and p != now and self._is_decided(p)]:
            self._told[place] = True
            yield self._iteration(place)

    def _is_decided(self, place: _Place) -> bool:
        candidates, verdicts = self.state.iteration(*place), self.state.verdicts
        return len(candidates) >= self._search.candidates(place[1]) and all(
            c.id in verdicts and (c.id in self.state.outcomes or not verdicts[c.id].accepted) for c in candidates
        )

    def _iteration(self, place: _Place) -> Numbers:
        [row] = [r for r in summarize(self.state)["iterations"] if (r["restart"], r["index"]) == place]
        answers = [c for c in self.state.completions.values() if (c.restart, c.iteration) == place]
        prices = [c.cost_usd for c in answers if c.cost_usd is not None]
        values = {
            "best": row["best"],
            "best_so_far": row["best_so_far"],
            "execute_rate": row["execute_rate"],
            "execute_rate_first_try": row["execute_rate_first_try"],
            "input_tokens": sum(c.input_tokens for c in answers),
            "output_tokens": sum(c.output_tokens for c in answers),
            "cost_usd": sum(prices) if len(prices) == len(answers) else None,  # without a price it is not known
        }
        known = {f"iteration/{name}": value for name, value in values.items() if value is not None}
        return Numbers(f"r{place[0]}", "iteration", place[1], known)


def _verdict(verdict: Verdict) -> str:
    if verdict.accepted:
        return "accepted"
    line = f", line {verdict.line}" if verdict.line is not None else ""
    return f"rejected ({verdict.stage}: {verdict.code}{line})\n\n{verdict.message}"


def _outcome(outcome: Outcome) -> str:
    shared = f"\nthe same program as {outcome.shared_with}, trained once for both" if outcome.shared_with else ""
    if outcome.error is not None:
        line = f", line {outcome.error.line}" if outcome.error.line is not None else ""
        return f"{outcome.status} ({outcome.error.code}{line})\n\n{outcome.error.message}{shared}"
    if outcome.fitness is None:
        return f"{outcome.status}: no checkpoint has a fitness{shared}"
    verb = "trained" if outcome.pruned_at is None else f"pruned after {outcome.pruned_at:,} steps"
    return f"{verb}: fitness {outcome.fitness:.6g} at step {outcome.steps:,}{shared}"


def name_of(training: FinalTraining) -> str:
    """Whose row of the final evaluation it is: the id of another candidate, or `FinalTraining.reward`."""
    return training.candidate or training.reward


def _table(evaluation: Evaluation) -> str:
    lines = [f"best: {evaluation.best}", "", f"{'reward':<12} {'seed':>5} {'status':<9} {'best checkpoint':>16} {'fresh episodes':>16}"]
    for t in evaluation.trainings:
        lines.append(f"{name_of(t):<12} {t.seed:>5} {t.status:<9} {_number(t.best_checkpoint):>16} {_number(t.fresh):>16}")
    lines.append("")
    for reward in dict.fromkeys(name_of(t) for t in evaluation.trainings):
        fresh = [t.fresh for t in evaluation.trainings if name_of(t) == reward and t.fresh is not None]
        lines.append(f"{reward}: mean on fresh episodes {_number(fmean(fresh) if fresh else None)} over {len(fresh)} trainings")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"
