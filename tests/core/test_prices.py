"""The price table that is shipped, a user's own, and what is wrong with one."""

from __future__ import annotations

from datetime import date

import pytest

from eureka.errors import ConfigError
from eureka.generator_types import Answer, Price
from eureka.prices import SHIPPED, price_of
from eureka.yaml_source import read_yaml

ABOUT = ("date", "source")
FREE = Price(input=0, output=0)


@pytest.fixture
def table(tmp_path):
    """Writes a table of the user's, each under a name of its own since tables are read once."""

    def write(text: str):
        path = tmp_path / f"prices{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(text)
        return path

    return write


def test_the_shipped_table_says_when_and_from_where_it_is():
    data = read_yaml(SHIPPED).data
    assert date.fromisoformat(data["date"]) >= date(2026, 11, 1) and "LiteLLM" in data["source"]


def test_every_shipped_price_can_be_read_and_a_cache_read_is_never_dearer_than_reading():
    for provider, models in read_yaml(SHIPPED).data.items():
        for model in models if provider not in ABOUT else ():
            price = price_of(provider, model)
            assert (price.cached_input or 0) <= price.input <= (price.cache_write or price.input) <= price.output or price == FREE, model


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "deepseek", "openrouter", "azure"])
def test_every_provider_that_asks_for_money_has_prices(provider):
    assert all(price_of(provider, model).output > 0 for model in read_yaml(SHIPPED).data[provider])


@pytest.mark.parametrize("provider", ["ollama", "vllm", "lmstudio"])
def test_a_server_of_ones_own_costs_nothing_whatever_the_model(provider):
    assert price_of(provider, "whatever:7b") == FREE


@pytest.mark.parametrize("name", ["gpt-4.1-2025-04-14", "gpt-4.1-latest", "gpt-4.1"])
def test_a_dated_name_has_the_price_of_the_undated_one(name):
    assert price_of("openai", name) == Price(input=2, cached_input=0.5, output=8)


def test_a_model_or_provider_in_no_table_has_no_price(table):
    own = table("openai: {mine: {input: 1, output: 2}}")
    assert price_of("openai", "gpt-4.1-turbo", own) is None
    assert price_of("nobody", "gpt-4.1") is None


def test_a_users_own_table_goes_before_ours_and_ours_still_counts_for_the_rest(table):
    own = table("date: 2026-01-01\nsource: my contract\nopenai: {gpt-4.1: {input: 1, output: 2}}\nacme: {'*': {input: 3, output: 4}}\n")
    assert price_of("openai", "gpt-4.1-2025-04-14", own) == Price(input=1, output=2)
    assert price_of("openai", "gpt-4.1-mini", own) == price_of("openai", "gpt-4.1-mini")
    assert price_of("acme", "any", own) == Price(input=3, output=4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openai: 3\n", r"prices0\.yaml:1:1: openai: expected models, each with its price: my-model: \{input: 1, output: 4\}\."),
        ("openai:\n  m: 3\n", r"prices0\.yaml:2:3: openai\.m: 3 is no price; expected what a million tokens cost"),
        ("openai:\n  m:\n", r"prices0\.yaml:2:3: openai\.m: null is no price"),
        ("openai:\n  m: [1, 2]\n", r"prices0\.yaml:2:3: openai\.m: \[1, 2\] is no price"),
        ("openai:\n  m: {input: 1}\n", r"prices0\.yaml:2:3: openai\.m\.output: is missing: What a million tokens written cost"),
        ("openai:\n  m: {output: 1}\n", r"prices0\.yaml:2:3: openai\.m\.input: is missing: What a million tokens read cost"),
        ("openai:\n  m: {input: 1, output: 2, cached: 3}\n", r"prices0\.yaml:2:28: openai\.m\.cached: unknown key"),
        ("openai:\n  m: {input: -1, output: 2}\n", r"prices0\.yaml:2:7: openai\.m\.input: -1 is not ≥ 0"),
        ("openai:\n  m: {input: much, output: 2}\n", r"prices0\.yaml:2:7: openai\.m\.input: \"much\" is not a number"),
        ("- openai\n", r"prices0\.yaml:1:1: expected keys and values"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(table, text, message):
    with pytest.raises(ConfigError, match=message):
        price_of("openai", "m", table(text))


def test_tokens_from_and_into_a_cache_have_prices_of_their_own():
    price = Price(input=10, cached_input=1, cache_write=20, output=100)
    answer = Answer(sample=0, text="", input_tokens=1000, cached_input_tokens=600, cache_write_tokens=300, output_tokens=50)
    assert price.of(answer) == pytest.approx((100 * 10 + 600 * 1 + 300 * 20 + 50 * 100) / 1e6)
    assert price.at_most(1000, 50) >= price.of(answer)
