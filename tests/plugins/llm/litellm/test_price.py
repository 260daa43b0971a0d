"""A user's price goes before litellm's table, which goes before none; no server is asked for it."""

from __future__ import annotations

import pytest

from servers.base import Reply
from servers.chat import completion


def quote(component, request):
    return component.eureka_quote(request)[0]


def test_the_price_and_the_bill_are_litellm_s_where_the_user_gave_none(llm, server, request_of):
    component = llm(max_tokens=500)
    price = quote(component, request_of()).price
    assert (price.input, price.cached_input, price.output) == (2.5, 1.25, 10.0)
    server.script = [lambda asked: completion(asked, usage=(1000, 200), cached=400)]
    (answer,) = component.eureka_complete(request_of())
    assert answer.cost_usd == pytest.approx((600 * 2.5 + 400 * 1.25 + 200 * 10) / 1e6)
    assert answer.cost_usd == pytest.approx(price.of(answer))


def test_a_price_in_the_config_goes_before_and_the_bill_is_core_s(llm, request_of):
    component = llm(price={"input": 1, "output": 2})
    assert quote(component, request_of()).price.input == 1
    (answer,) = component.eureka_complete(request_of())
    assert answer.cost_usd is None


def test_a_user_s_table_names_models_as_litellm_does(llm, request_of, tmp_path):
    (tmp_path / "prices.yaml").write_text("litellm: {groq/llama-9: {input: 3, output: 4}}")
    component = llm(model="groq/llama-9", prices=tmp_path / "prices.yaml")
    assert quote(component, request_of()).price.output == 4


def test_a_model_in_no_table_has_no_price_and_no_bill(llm, request_of):
    component = llm(model="hosted_vllm/qwen3-coder")
    assert quote(component, request_of()).price is None
    (answer,) = component.eureka_complete(request_of())
    assert answer.cost_usd is None


def test_a_model_litellm_has_heard_of_and_knows_no_price_of_is_not_free(llm, request_of):
    assert quote(llm(model="anthropic/claude-opus-4-20250514"), request_of()).price is None


def test_an_answer_without_usage_is_estimated_and_not_free(llm, server, request_of, caplog):
    server.script = [Reply({"choices": [{"index": 0, "message": {"role": "assistant", "content": "word " * 100}}]})]
    (answer,) = llm().eureka_complete(request_of())
    assert 100 < answer.output_tokens < 200 and answer.input_tokens > 0
    assert answer.cost_usd is None  # core reckons it from the price
    assert "tells no token usage" in caplog.text


def test_the_price_of_a_local_model_is_not_asked_of_its_server(llm, server, request_of, monkeypatch):
    monkeypatch.setenv("OLLAMA_API_BASE", server.url)
    quote(llm(model="ollama/qwen3", base_url=server.url), request_of())
    assert not server.asked


def test_a_quote_tells_the_model_and_the_most_it_writes(llm, request_of):
    told = quote(llm(max_tokens=500), request_of(max_tokens=100))
    assert (told.provider, told.model, told.max_tokens) == ("litellm", "openai/gpt-4o", 100)
