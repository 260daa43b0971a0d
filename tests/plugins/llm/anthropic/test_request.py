"""What is sent."""

from __future__ import annotations

import logging

import anthropic
import httpx2
import pytest

from eureka.types import Message
from servers.base import error
from servers.questions import KEY, SYSTEM, TASK, ask, question

MARK = {"type": "ephemeral"}


def test_the_system_prompt_has_a_field_of_its_own_and_what_is_shared_is_marked(server, made):
    ask(made())
    body = server.asked[0].body
    assert body["system"] == [{"type": "text", "text": SYSTEM.content, "cache_control": MARK}]
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": TASK.content, "cache_control": MARK}]}]
    assert body["model"] == "claude-test" and body["max_tokens"] == 16384 and body["stream"] is True
    assert not {"temperature", "thinking", "output_config"} & body.keys()
    assert server.asked[0].path == "/v1/messages"
    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_cache_nothing_is_marked(server, made):
    ask(made(cache=False))
    assert "cache_control" not in str(server.asked[0].body)


def test_a_conversation_keeps_its_order_and_empty_messages_are_left_out(server, made):
    said = [Message(role=role, content=text) for role, text in (("assistant", " \n"), ("user", "again"), ("assistant", "x"), ("user", "y"))]
    ask(made(), question(messages=(Message(role="system", content=""), TASK, *said)))
    body = server.asked[0].body
    assert "system" not in body
    assert [(one["role"], one["content"][0]["text"]) for one in body["messages"]] == [
        ("user", TASK.content), ("user", "again"), ("assistant", "x"), ("user", "y")
    ]  # fmt: skip
    assert [k for k, one in enumerate(body["messages"]) if "cache_control" in one["content"][0]] == [3]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"thinking": "adaptive", "effort": "low"}, {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        ({"thinking": {"budget_tokens": 2048}}, {"thinking": {"type": "enabled", "budget_tokens": 2048}}),
        ({"thinking": "disabled"}, {"thinking": {"type": "disabled"}}),
        ({"thinking": "between_tools"}, {"thinking": {"type": "between_tools"}}),
    ],
)
def test_thinking_and_effort_are_sent_in_the_form_of_the_api(server, made, options, sent):
    ask(made(**options))
    body = server.asked[0].body
    assert {name: body[name] for name in ("thinking", "output_config") if name in body} == sent


def test_a_request_may_ask_for_less_than_the_options_allow_and_then_thinking_that_does_not_fit_is_left_out(server, made):
    llm = made(thinking={"budget_tokens": 2048})
    ask(llm, question(max_tokens=16))
    ask(llm, question(max_tokens=4096))
    assert [(one.body["max_tokens"], "thinking" in one.body) for one in server.asked] == [(16, False), (4096, True)]


def test_a_temperature_is_sent_with_the_version_of_the_api_that_takes_one(server, made):
    ask(made(temperature=0.4))
    assert server.asked[0].body["temperature"] == 0.4
    assert server.asked[0].headers["anthropic-version"] == "2023-06-01"


@pytest.mark.parametrize("thinking", ["adaptive", {"budget_tokens": 1024}])
def test_with_thinking_no_temperature_is_sent_and_that_is_said_once(server, made, caplog, thinking):
    llm = made(temperature=0.4, thinking=thinking)
    with caplog.at_level(logging.WARNING, "eureka"):
        ask(llm, question(3))
    assert len(server.asked) == 3 and all("temperature" not in one.body for one in server.asked)
    assert [one.getMessage() for one in caplog.records if "llm.temperature" in one.getMessage()] == [
        "llm.temperature: has no effect together with llm.thinking; the model is asked without."
    ]


def test_a_model_that_refuses_a_temperature_is_asked_without_from_then_on_and_that_is_said_once(server, made, caplog):
    server.script = [error(400, "`temperature` is deprecated for this model.")]
    llm = made(temperature=0.4, parallel=1)
    with caplog.at_level(logging.WARNING, "eureka"):
        answers = ask(llm, question(3))
    assert [answer.sample for answer in answers] == [0, 1, 2]
    assert ["temperature" in one.body for one in server.asked] == [True, False, False, False]
    assert server.asked[1].headers["anthropic-version"] > "2023-06-01"
    assert [one.getMessage() for one in caplog.records] == ["llm.temperature: claude-test takes none; it is asked without."]


def test_the_environment_changes_neither_who_is_asked_nor_who_is_billed(server, made, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-another")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer of-another\nX-Team: of-another")
    assert str(made(base_url=None).fault(no_connection())).count("https://api.anthropic.com") == 1
    ask(made())
    assert "of-another" not in str(server.asked[0].headers)


def no_connection() -> anthropic.APIConnectionError:
    return anthropic.APIConnectionError(request=httpx2.Request("POST", "https://nobody"))


def test_a_key_is_taken_from_the_variable_that_is_named(server, made, monkeypatch):
    monkeypatch.setenv("MY_GATEWAY_TOKEN", "  gateway-9Q2w8E3r7T4y\n")
    ask(made(api_key_env="MY_GATEWAY_TOKEN"))
    assert server.asked[0].headers["Authorization"] == "Bearer gateway-9Q2w8E3r7T4y"
