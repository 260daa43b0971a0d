"""A run in W&B's terms: its settings without secrets, and its candidates and final evaluation as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eureka.conversation import as_text
from eureka.pasted_keys import names_a_secret, without_keys
from eureka.run_metrics import name_of
from eureka.state import State
from eureka.types import Candidate
from eureka.yaml_source import read_yaml

CANDIDATE_COLUMNS = [
    "id",
    "restart",
    "iteration",
    "sample",
    "parents",
    "status",
    "fitness",
    "steps",
    "message",
    "program",
    "answer",
    "prompt",
]
FINAL_COLUMNS = ["reward", "seed", "status", "best_checkpoint", "fresh"]


def settings(run_dir: Path) -> dict[str, Any]:
    """The run's resolved config, with `…` for what is named like a secret and `[KEY]` for what looks like one."""
    public: dict[str, Any] = _public(read_yaml(run_dir / "config.yaml").data)
    return public


def candidates(state: State) -> list[list[Any]]:
    """A row of `CANDIDATE_COLUMNS` for each candidate, in order."""
    ordered = sorted(state.candidates.values(), key=lambda c: (c.restart, c.iteration, c.sample))
    return [_row(state, c) for c in ordered]


def final(state: State) -> list[list[Any]]:
    """A row of `FINAL_COLUMNS` for each training of the final evaluation; none where there was none."""
    trainings = state.evaluation.trainings if state.evaluation is not None else ()
    return [[name_of(t), t.seed, t.status, t.best_checkpoint, t.fresh] for t in trainings]


def _row(state: State, c: Candidate) -> list[Any]:
    key = c.restart, c.iteration, c.sample, c.attempt
    verdict, outcome = state.verdicts.get(c.id), state.outcomes.get(c.id)
    question, answer = state.questions.get(key), state.completions.get(key)
    status, message = "waiting", ""
    if verdict is not None and not verdict.accepted:
        status, message = "rejected", verdict.message
    elif outcome is not None:
        status, message = outcome.status, outcome.error.message if outcome.error is not None else ""
    fitness, steps = (outcome.fitness, outcome.steps) if outcome is not None else (None, None)
    texts = [message, c.code, answer.text if answer is not None else "", as_text(question.messages) if question is not None else ""]
    return [c.id, c.restart, c.iteration, c.sample, " ".join(c.parents), status, fitness, steps, *texts]


def _public(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): "…" if names_a_secret(str(key)) and inner else _public(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_public(inner) for inner in value]
    return without_keys(value) if isinstance(value, str) else value
