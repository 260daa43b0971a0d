"""What a run has spent, which caps it has reached, and what it can still pay for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eureka.config import Config
from eureka.state import State


def spent(state: State) -> dict[str, float]:
    """By the names of `budget.*`. A question without an answer counts at its maximum: it may have been billed."""
    lost = unanswered_tokens(state)
    answers = state.completions.values()
    return {
        "llm_calls": sum(len(asked.samples) for asked in state.asked),
        "tokens": sum(answer.input_tokens + answer.output_tokens for answer in answers) + sum(lost),
        "cost_usd": sum(answer.cost_usd for answer in answers),
        "env_steps": sum(result.steps + result.evaluation_steps for result in state.results.values())
        + sum(fresh.steps for fresh in state.fresh.values()),
        "hours": sum(end - start for start, end in state.open_intervals) / 3600,
    }


def unanswered_tokens(state: State) -> list[int]:
    """The most each question may have cost that was asked and never answered, also where it was asked again later."""
    asked = Counter((a.restart, a.iteration, sample, a.attempt) for a in state.asked for sample in a.samples)
    maximum = {(a.restart, a.iteration, sample, a.attempt): a.max_tokens for a in state.asked for sample in a.samples}
    return [maximum[key] for key, times in asked.items() for _ in range(times - (key in state.completions))]


def reached(config: Config, state: State) -> dict[str, str]:
    """The caps of `budget` that are reached, each in words."""
    have = spent(state)
    caps = config.budget.model_dump()
    return {name: f"budget.{name}: {have[name]:g} of {cap:g} spent" for name, cap in caps.items() if cap is not None and have[name] >= cap}


def affordable(config: Config, state: State, samples: Sequence[int], max_tokens: int) -> tuple[list[int], list[int]]:
    """Which of these samples the caps on calls and tokens still cover, and which not. max_tokens: of one answer; 0: unknown."""
    have, budget = spent(state), config.budget
    count = len(samples)
    if budget.llm_calls is not None:
        count = min(count, budget.llm_calls - int(have["llm_calls"]))
    if budget.tokens is not None and max_tokens:
        count = min(count, int(budget.tokens - have["tokens"]) // max_tokens)
    if reached(config, state):
        count = 0
    return list(samples[: max(count, 0)]), list(samples[max(count, 0) :])
