"""Which answers of a model the caps of `budget` still cover, each at the most it may come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eureka.config import Config
from eureka.errors import ConfigError
from eureka.generator_types import CompletionRequest, Price, Quote
from eureka.spending import amount, in_words, reached, spent
from eureka.state import State
from eureka.step_budget import steps_in_words, trains_no_more
from eureka.tokens import at_most


def how_to_price(quote: Quote) -> str:
    """What to do where a price is not known."""
    at = quote.setting
    return f"Give it, in US dollars per million tokens: --set '{at}.price={{input: 1, output: 4}}', or a table: {at}.prices"


class Most(NamedTuple):
    """What one answer may come to: tokens read and written (0: unknown), their cost and price (None: unknown), and its quote."""

    tokens: int
    cost_usd: float | None
    price: Price | None
    quote: Quote = Quote()


def most_of(question: CompletionRequest, quote: Quote) -> Most:
    """The most a sample of this question may come to."""
    read = at_most(question.messages)
    cost = quote.price.at_most(read, quote.max_tokens) if quote.price is not None else None
    return Most(read + quote.max_tokens if quote.max_tokens else 0, cost, quote.price, quote)


def affordable(config: Config, state: State, most: Mapping[int, Most]) -> list[int]:
    """Those of the samples, from the first on, that the caps cover together even if each answer comes to its most."""
    if reached(config, state) or trains_no_more(config, state):
        return []
    have, budget = spent(state), config.budget
    covered: list[int] = []
    calls, tokens, cost = have["llm_calls"], have["tokens"], have["cost_usd"]
    for sample, one in most.items():
        calls, tokens, cost = calls + 1, tokens + one.tokens, cost + (one.cost_usd or 0.0)
        over = (budget.llm_calls, calls), (budget.tokens, tokens), (budget.cost_usd, cost)
        if any(cap is not None and value > cap for cap, value in over) or (budget.cost_usd is not None and one.cost_usd is None):
            break
        covered.append(sample)
    return covered


def cap_in_words(config: Config, state: State, most: Mapping[int, Most]) -> str:
    """Why none of these samples is covered."""
    caps = "; ".join(reached(config, state).values())
    if caps or trains_no_more(config, state):
        return caps or steps_in_words(config, state)
    have, one = spent(state), next(iter(most.values()))
    if config.budget.cost_usd is not None and one.cost_usd is None:
        return f"budget.cost_usd: the price of the next answer is not known. {how_to_price(one.quote)}"
    needs = {"tokens": one.tokens, "cost_usd": one.cost_usd or 0.0}
    short = [
        f"{in_words(name, have[name], cap)}, and the next answer may come to {amount(name, need)} ("
        f"{one.quote.setting}.max_tokens lowers that)"
        for name, need in needs.items()
        if (cap := getattr(config.budget, name)) is not None and have[name] + need > cap
    ]
    return "; ".join(short)


def refuse_unpayable(config: Config, quotes: Sequence[Quote], anew: bool = True) -> None:
    """Raise ConfigError where `budget.cost_usd` cannot be kept, or is below what one answer may cost.

    quotes: of the answers to come. anew: no answer was asked for yet.
    """
    cap = config.budget.cost_usd
    if cap is None or not quotes:
        return
    for quote in quotes:
        name = quote.model or quote.provider or "this llm"
        if quote.price is None:
            raise ConfigError(
                f"budget.cost_usd: the price of {name} is not known, so the cap could not be kept. {how_to_price(quote)}, or drop the cap: "
                "--set budget.cost_usd=null"
            )
        if quote.price.output and not quote.max_tokens:
            raise ConfigError(
                f"budget.cost_usd: nothing says how many tokens an answer of {name} may have at most, so the cap could not be kept. "
                "Drop it: --set budget.cost_usd=null"
            )
    least, cheapest = min(((q.price.at_most(0, q.max_tokens), q) for q in quotes if q.price is not None), key=lambda pair: pair[0])
    if anew and least > cap:
        raise ConfigError(
            f"budget.cost_usd: {cap:g} does not cover one answer, which may come to {least:.4g} for its output alone. Raise it, or lower "
            f"{cheapest.setting}.max_tokens"
        )
