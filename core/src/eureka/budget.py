"""What a run has spent, which caps it has reached, and what it can still pay for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from eureka.config import Config
from eureka.generator_types import CompletionRequest, Price, Quote
from eureka.state import State
from eureka.tokens import at_most
from eureka.types import Asked


class Most(NamedTuple):
    """What one answer may come to: tokens read and written (0: unknown), their cost and price (None: unknown)."""

    tokens: int
    cost_usd: float | None
    price: Price | None


def most_of(question: CompletionRequest, quote: Quote) -> Most:
    """The most a sample of this question may come to."""
    read = at_most(question.messages)
    cost = quote.price.at_most(read, quote.max_tokens) if quote.price is not None else None
    return Most(read + quote.max_tokens if quote.max_tokens else 0, cost, quote.price)


def spent(state: State) -> dict[str, float]:
    """By the names of `budget.*`. A question without an answer counts at its maximum where it may have been billed."""
    answers = state.completions.values()
    lost = list(unanswered(state))
    return {
        "llm_calls": len(lost) + len(state.questions.keys() & state.completions.keys()),
        "tokens": sum(answer.input_tokens + answer.output_tokens for answer in answers) + sum(asked.max_tokens for asked in lost),
        "cost_usd": sum(answer.cost_usd or 0.0 for answer in answers) + sum(asked.max_cost_usd for asked in lost),
        "env_steps": sum(result.steps + result.evaluation_steps for result in state.results.values())
        + sum(fresh.steps for fresh in state.fresh.values()),
        "hours": sum(end - start for start, end in state.open_intervals) / 3600,
    }


def unanswered(state: State) -> Iterator[Asked]:
    """The question of every answer that was asked for, may have been billed and never came, also where it was asked again later."""
    open_: dict[tuple[int, int, int, int], list[Asked]] = {}
    for asked in state.asked:
        for sample in asked.samples:
            open_.setdefault((asked.restart, asked.iteration, sample, asked.attempt), []).append(asked)
    for fault in state.faults:
        for sample in () if fault.billed else fault.samples:
            open_[fault.restart, fault.iteration, sample, fault.attempt].pop()
    for key, times in open_.items():
        yield from times[: len(times) - (key in state.completions)]


def reached(config: Config, state: State) -> dict[str, str]:
    """The caps of `budget` that are reached, each in words."""
    have = spent(state)
    caps = config.budget.model_dump()
    return {name: f"budget.{name}: {have[name]:g} of {cap:g} spent" for name, cap in caps.items() if cap is not None and have[name] >= cap}


def affordable(config: Config, state: State, most: Mapping[int, Most]) -> list[int]:
    """Those of the samples, from the first on, that the caps cover together even if each answer comes to its most."""
    if reached(config, state):
        return []
    have, budget = spent(state), config.budget
    covered: list[int] = []
    calls, tokens, cost = have["llm_calls"], have["tokens"], have["cost_usd"]
    for sample, one in most.items():
        calls, tokens, cost = calls + 1, tokens + one.tokens, cost + (one.cost_usd or 0.0)
        over = (budget.llm_calls, calls), (budget.tokens, tokens), (budget.cost_usd, cost)
        if any(cap is not None and value > cap for cap, value in over):
            break
        covered.append(sample)
    return covered


def cap_in_words(config: Config, state: State, most: Mapping[int, Most]) -> str:
    """Why none of these samples is covered."""
    caps = "; ".join(reached(config, state).values())
    if caps:
        return caps
    have, one = spent(state), next(iter(most.values()))
    needs = {"tokens": one.tokens, "cost_usd": one.cost_usd or 0.0}
    short = [
        f"budget.{name}: {have[name]:.4g} of {cap:g} spent, and the next answer may come to {need:.4g} (llm.max_tokens lowers that)"
        for name, need in needs.items()
        if (cap := getattr(config.budget, name)) is not None and have[name] + need > cap
    ]
    return "; ".join(short)
