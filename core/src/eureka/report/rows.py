"""Every candidate of a run as one row: what it is called, how far it came and how well it did."""

from __future__ import annotations

from dataclasses import dataclass

from eureka.builtin.outside_text import one_line
from eureka.report.reading import Reported
from eureka.types import Candidate

_WHY = 240
STATUSES = {"ok": "trained", "failed": "failed", "resource": "lost"}


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate.

    status: trained, pruned (its training was ended early), rejected (before training), failed (in training), lost (to a fault of the
        machine), or waiting. fitness: of its training in the search, None unless trained or pruned. again: of the one on a fresh seed.
    steps: at which it reached its fitness. why: what was wrong with it, or what else to know, on one line of outside text; else empty.
    """

    id: str
    restart: int
    iteration: int
    sample: int
    status: str
    fitness: float | None
    again: float | None
    steps: int | None
    parents: tuple[str, ...]
    attempts: int
    why: str


def rows(run: Reported) -> list[Row]:
    """All candidates by restart, iteration and sample."""
    ordered = sorted(run.state.candidates.values(), key=lambda c: (c.restart, c.iteration, c.sample))
    return [_row(run, candidate) for candidate in ordered]


def _row(run: Reported, candidate: Candidate) -> Row:
    verdict, outcome = run.state.verdicts.get(candidate.id), run.state.outcomes.get(candidate.id)
    retest = run.state.retests.get(candidate.id)
    status, why = "waiting", ""
    if verdict is not None and not verdict.accepted:
        line = f", line {verdict.line}" if verdict.line is not None else ""
        status, why = "rejected", f"{verdict.stage}{line}: {verdict.message}"
    elif outcome is not None:
        status = "pruned" if outcome.pruned_at is not None else STATUSES[outcome.status]
        if outcome.error is not None:
            line = f"line {outcome.error.line}: " if outcome.error.line is not None else ""
            why = f"{line}{outcome.error.message}"
        elif outcome.shared_with is not None:
            why = f"the same program as {outcome.shared_with}, trained once"
        elif outcome.pruned_at is not None:
            why = f"ended at step {outcome.pruned_at:,}"
        begun = f"began with {candidate.policy}" if candidate.policy is not None else ""
        why = "; ".join(filter(None, (why, outcome.remark, begun)))
    return Row(
        id=candidate.id,
        restart=candidate.restart,
        iteration=candidate.iteration,
        sample=candidate.sample,
        status=status,
        fitness=outcome.fitness if outcome is not None else None,
        again=retest.fitness if retest is not None else None,
        steps=outcome.steps if outcome is not None else None,
        parents=candidate.parents or tuple(filter(None, [candidate.replicate_of])),
        attempts=candidate.attempt + 1,
        why=one_line(why, _WHY),
    )
