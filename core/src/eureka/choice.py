"""Which program is the best: trainings of the same program on different seeds count together."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from eureka.state import State
from eureka.types import Candidate, Outcome


@dataclass(frozen=True, slots=True)
class Program:
    """A program and every training of it that began with the same policy, or from scratch. `candidate`: the first that held it."""

    candidate: Candidate
    outcomes: tuple[Outcome, ...]
    retested: bool

    @property
    def fitness(self) -> float | None:
        """Mean of its trainings' fitness; None when one of them failed. A pruned training says nothing of one that went to its end."""
        return self._mean([outcome.fitness for outcome in self.compared])

    @property
    def mean_fitness(self) -> float | None:
        """Mean over trainings and checkpoints: how soon it learns, which tells apart what all reach the best fitness."""
        return self._mean([outcome.mean_fitness for outcome in self.compared])

    @property
    def whole(self) -> bool:
        """Whether it was trained to the end of the budget: a pruned training's mean over the checkpoints compares with no whole one's."""
        return any(outcome.pruned_at is None for outcome in self.outcomes)

    @property
    def compared(self) -> list[Outcome]:
        """The trainings that its fitness is the mean of."""
        return [outcome for outcome in self.outcomes if outcome.pruned_at is None or not self.whole]

    @staticmethod
    def _mean(values: list[float | None]) -> float | None:
        return fmean(v for v in values if v is not None) if values and None not in values else None


def ranked(state: State, with_retests: bool = True, until: tuple[int, int] | None = None) -> list[Program]:
    """All programs that trained, best first; a fault of the machine's counts neither for nor against one.

    with_retests: False leaves the retests out of the ranking, so that who is retested does not depend on who was.
    until: the last (restart, iteration) whose candidates count; None: all do.
    """
    groups: dict[tuple[str, str | None], list[Candidate]] = {}
    for candidate in sorted(state.candidates.values(), key=lambda c: (c.restart, c.iteration, c.sample)):
        outcome = state.outcomes.get(candidate.id)
        later = until is not None and (candidate.restart, candidate.iteration) > until
        if outcome is not None and outcome.status != "resource" and not later:
            groups.setdefault((candidate.sha256, candidate.policy), []).append(candidate)
    programs = []
    for candidates in groups.values():
        # A twin's outcome is its twin's training, which counts once.
        outcomes = [o for c in candidates if (o := state.outcomes[c.id]).shared_with is None]
        retests = [state.retests[c.id] for c in candidates if c.id in state.retests and state.retests[c.id].status != "resource"]
        programs.append(Program(candidates[0], tuple(outcomes + retests if with_retests else outcomes), bool(retests)))
    score = state.task.fitness.score
    programs = [program for program in programs if any(o.fitness is not None for o in program.outcomes)]
    return sorted(programs, key=lambda p: (score(p.fitness), p.whole, score(p.mean_fitness)), reverse=True)


def leaders(state: State) -> list[Program]:
    """All programs with a fitness, best first: those retested before all others, since the maximum of many single trainings flatters.

    What was retested because a run had ended sooner, and would not be now, stands with the others: a run that was extended chooses as one
    that was longer from the beginning.
    """
    most = state.header.retest if state.header is not None else None
    again = {program.candidate.id for program in ranked(state, with_retests=False)[:most]}
    programs = (program for program in ranked(state) if program.fitness is not None)
    return sorted(programs, key=lambda p: not (p.retested and p.candidate.id in again))


def best(state: State) -> Program | None:
    """The first of the leaders; None while there is none."""
    return next(iter(leaders(state)), None)
