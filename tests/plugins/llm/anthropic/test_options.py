"""The options, and what is wrong with them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from eureka.errors import ConfigError
from eureka.generator_types import Answer
from eureka.validation import explain
from eureka_anthropic.options import AnthropicOptions
from servers.questions import KEY, pieces, question


def complaint(**options):
    given = {"model": "claude-test", **options}
    with pytest.raises(ValidationError) as raised:
        AnthropicOptions.model_validate(given)
    return "\n".join(explain(raised.value, AnthropicOptions, given, ("llm",)))


def test_a_budget_of_thinking_that_leaves_no_room_for_an_answer_is_refused_in_words():
    said = complaint(max_tokens=2048, thinking={"budget_tokens": 2048})
    assert said.startswith("llm.thinking: budget_tokens (2048) leaves no room for an answer: max_tokens (2048) counts thinking too.")
    assert AnthropicOptions(model="m", max_tokens=2049, thinking={"budget_tokens": 2048}).thinking.budget_tokens == 2048


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"thinking": {"budget_tokens": 100}}, "llm.thinking.budget_tokens: 100 is not ≥ 1024"),
        ({"thinking": {"budget": 2048}}, "llm.thinking.budget: unknown key"),
        ({"thinking": "adaptiv"}, '"adaptive", "disabled" or "between_tools"'),
        ({"effort": "hgih"}, 'did you mean "high"'),
        ({"temperature": 1.5}, "llm.temperature: 1.5 is not ≤ 1"),
        ({"base_url": "localhost:80"}, "llm.base_url"),
        ({"base_url": f"http://me:{KEY}@localhost:80"}, "llm.base_url: holds more than an address"),
        ({"api_key_env": KEY}, "llm.api_key_env: is no name of an environment variable"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_valid(options, said):
    found = complaint(**options)
    assert said in found and pieces(found) == []


def test_a_missing_key_is_told_before_anything_is_sent(made, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(ConfigError, match=r"llm.api_key_env: the environment variable ANTHROPIC_API_KEY is not set"):
        made().eureka_check_llm()


def test_a_quote_tells_the_most_an_answer_may_come_to_and_what_cached_tokens_cost(made):
    (quote,) = made(price={"input": 4, "output": 20}).eureka_quote(question()).values()
    assert (quote.provider, quote.model, quote.max_tokens) == ("anthropic", "claude-test", 16384)
    assert (quote.price.cache_write, quote.price.cached_input) == (5.0, pytest.approx(0.4))
    answer = Answer(sample=0, text="", input_tokens=1000, cached_input_tokens=600, cache_write_tokens=300, output_tokens=50)
    assert quote.price.of(answer) == pytest.approx((100 * 4 + 600 * 0.4 + 300 * 5 + 50 * 20) / 1e6)


def test_prices_of_cached_tokens_that_are_given_are_kept(made):
    (quote,) = made(price={"input": 4, "output": 20, "cached_input": 0.2, "cache_write": 8}).eureka_quote(question()).values()
    assert (quote.price.cached_input, quote.price.cache_write) == (0.2, 8)


def test_a_model_without_a_price_is_quoted_without_one(made):
    assert made().eureka_quote(question())[0].price is None
