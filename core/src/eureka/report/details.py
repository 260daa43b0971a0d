"""What opens when a candidate is clicked: every attempt with its question, answer, program and verdict, and how its training went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eureka.builtin.outside_text import one_line, plain
from eureka.report.colored import tokens
from eureka.report.reading import Reported
from eureka.report.rows import Row
from eureka.report.texts import Kind, Texts
from eureka.types import Candidate, Verdict


def details(run: Reported, row: Row, texts: Texts) -> dict[str, Any]:
    """One candidate as the page's script reads it; numbers in place of long texts are those of `texts`."""
    candidate = run.state.candidates[row.id]
    outcome, trained = run.state.outcomes.get(row.id), run.outcome(row.id)
    earlier: list[tuple[Candidate, Verdict | None]] = [*run.state.earlier.get(row.id, [])]
    points = run.checkpoints(trained.dirs) if trained is not None else []
    told = [reflection.text for (_, _, parent), reflection in sorted(run.state.reflections.items()) if parent == row.id and reflection.text]
    error = outcome.error if outcome is not None else None
    is_best = run.best is not None and run.best.id == row.id

    def add(text: str, kind: Kind) -> int:
        return texts.add(text, "best" if is_best else kind)

    return {
        "id": row.id,
        "status": row.status,
        "fitness": row.fitness,
        "again": row.again,
        "steps": row.steps,
        "parents": list(row.parents),
        "why": row.why,
        "error": None if error is None else {"text": add(error.message, "program"), "line": error.line, "code": one_line(error.code)},
        "curve": {"x": [point.steps for point in points], "y": [point.fitness for point in points]},
        "told": [add(text, "prompt") for text in dict.fromkeys(told)],
        "attempts": [_attempt(run, one, verdict, add) for one, verdict in [*earlier, (candidate, run.state.verdicts.get(row.id))]],
    }


def _attempt(run: Reported, candidate: Candidate, verdict: Verdict | None, add: Callable[[str, Kind], int]) -> dict[str, Any]:
    place = (candidate.restart, candidate.iteration, candidate.sample, candidate.attempt)
    asked, answer = run.state.questions.get(place), run.state.completions.get(place)
    code = plain(candidate.code)
    return {
        "number": candidate.attempt + 1,
        "asked": [[message.role, add(message.content, "prompt")] for message in asked.messages] if asked is not None else [],
        "answer": add(answer.text, "answer") if answer is not None else None,
        "by": _by(run, place),
        "code": add(code, "program"),
        "colours": tokens(code),
        "mended": [one_line(repair) for repair in candidate.repairs],
        "accepted": verdict.accepted if verdict is not None else None,
        "stage": verdict.stage if verdict is not None else None,
        "line": verdict.line if verdict is not None else None,
        "verdict": add(verdict.message, "program") if verdict is not None and verdict.message else None,
    }


def _by(run: Reported, place: tuple[int, int, int, int]) -> str:
    """Who answered and what that took, in words."""
    answer = run.state.completions.get(place)
    if answer is None:
        return ""
    name = one_line(" ".join(filter(None, (answer.provider, answer.model))))
    if place not in run.state.questions:
        return f"Written by {name}; no model was asked."
    cost = "unknown price" if answer.cost_usd is None else f"${answer.cost_usd:.4g}"
    ended = f", ended by {one_line(answer.finish_reason)}" if answer.finish_reason not in ("", "stop", "end_turn") else ""
    seconds = f"{answer.ended - answer.started:.1f} s"
    return f"{name}: {answer.input_tokens:,} tokens read, {answer.output_tokens:,} written, {cost}, {seconds}{ended}."
