"""What a run has spent, and which cap it has reached."""

from __future__ import annotations

from eureka.config import Config
from eureka.state import State


def spent(state: State) -> dict[str, float]:
    """By the names of `budget.*`. A question without an answer counts at its maximum: it may have been billed."""
    unanswered = {
        (asked.restart, asked.iteration, sample, asked.attempt): asked.max_tokens for asked in state.asked for sample in asked.samples
    }
    calls = len(unanswered)
    for key in state.completions:
        unanswered.pop(key, None)
    answers = state.completions.values()
    return {
        "llm_calls": calls,
        "tokens": sum(answer.input_tokens + answer.output_tokens for answer in answers) + sum(unanswered.values()),
        "cost_usd": sum(answer.cost_usd for answer in answers),
        "env_steps": sum(result.steps + result.evaluation_steps for result in state.results.values())
        + sum(fresh.steps for fresh in state.fresh.values()),
        "hours": sum(end - start for start, end in state.open_intervals) / 3600,
    }


def reached(config: Config, state: State) -> str | None:
    """The first cap of `budget` that is reached, in words, or None."""
    have = spent(state)
    for name, cap in config.budget.model_dump().items():
        if cap is not None and have[name] >= cap:
            return f"budget.{name}: {have[name]:g} of {cap:g} spent"
    return None
