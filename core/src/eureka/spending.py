"""What a run has spent, and which caps it has reached."""

from __future__ import annotations

import time
from collections.abc import Iterator

from eureka.config import Config
from eureka.config_models import Caps
from eureka.state import State
from eureka.types import Asked


def caps_named(told: str) -> list[str]:
    """The caps of `budget` that a remark is about, as `in_words` names them."""
    return [name for name in Caps.model_fields if f"budget.{name}:" in told]


def spent(state: State) -> dict[str, float]:
    """By the names of `budget.*`. A question without an answer counts at its maximum where it may have been billed."""
    answers = state.completions.values()
    lost = list(unanswered(state))
    return {
        "llm_calls": len(lost) + len(state.questions.keys() & state.completions.keys()),
        "tokens": sum(answer.input_tokens + answer.output_tokens for answer in answers) + sum(asked.max_tokens for asked in lost),
        "cost_usd": sum(answer.cost_usd or 0.0 for answer in answers) + sum(asked.max_cost_usd or 0.0 for asked in lost),
        "env_steps": sum(result.steps + result.evaluation_steps for result in state.results.values())
        + sum(fresh.steps for fresh in state.fresh.values()),
        "hours": (sum(end - start for start, end in state.open_intervals) - waited(state)) / 3600,
    }


def waited(state: State) -> float:
    """Seconds that people were waited for. `budget.hours` does not count them: nobody has to answer in a hurry."""
    return sum(one.ended - one.started for one in state.waited)


def unanswered(state: State) -> Iterator[Asked]:
    """The question of every answer that may have been billed and never came, also where it was asked again later."""
    open_: dict[tuple[int, int, int, int], list[Asked]] = {}
    for asked in state.asked:
        for sample in asked.samples:
            open_.setdefault((asked.restart, asked.iteration, sample, asked.attempt), []).append(asked)
    for fault in state.faults:
        for sample in () if fault.billed else fault.samples:
            open_[fault.restart, fault.iteration, sample, fault.attempt].pop()
    for key, times in open_.items():
        yield from times[: len(times) - (key in state.completions)]
    for answer in state.completions.values():
        if answer.lost_tries:
            yield from [state.questions[answer.restart, answer.iteration, answer.sample, answer.attempt]] * answer.lost_tries
    for fault in state.faults:
        for sample in fault.samples if fault.billed else ():
            yield from [state.questions[fault.restart, fault.iteration, sample, fault.attempt]] * fault.lost_tries


def reached(config: Config, state: State) -> dict[str, str]:
    """The caps of `budget` that are reached, each in words. Asked by the host that has the run open: its time counts up to now."""
    have = spent(state)
    if state.open_intervals:
        have["hours"] += max(0.0, time.time() - state.open_intervals[-1][1]) / 3600
    caps = config.budget.model_dump()
    return {name: in_words(name, have[name], cap) for name, cap in caps.items() if cap is not None and have[name] >= cap}


def in_words(name: str, have: float, cap: float) -> str:
    """`budget.tokens: 1,200 of 2,000 spent`."""
    return f"budget.{name}: {amount(name, have)} of {amount(name, cap)} spent"


def amount(name: str, value: float) -> str:
    """A number as one reads what a cap counts."""
    return f"{value:.4g}" if name in ("cost_usd", "hours") else f"{value:,.0f}"


def counted(number: int, what: str) -> str:
    """`1 answer`, `1,200 answers`."""
    return f"{number:,} {what}{'s' * (number != 1)}"
