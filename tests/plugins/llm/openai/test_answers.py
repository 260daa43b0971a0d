"""Answers as they come: whole or as a stream, cut off, refused, empty, without usage."""

from __future__ import annotations

import json
import logging

import pytest

from eureka.errors import ModelFault
from eureka.generator_types import Price
from eureka.tokens import about
from eureka.types import Message
from servers.base import Reply
from servers.chat import REWARD, completion

EVENTS = {"Content-Type": "text/event-stream"}


def usage(reply: Reply, **changes) -> Reply:
    """The reply with another usage block; None: without any."""
    body = json.loads(reply.body)
    body["usage"] = {**body["usage"], **changes} if changes else None
    return Reply(body)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_tells_its_text_model_end_and_tokens(server, make, ask, stream):
    server.default = lambda asked: completion(asked, usage=(1000, 200), cached=300)
    (answer,) = ask(make(stream=stream))
    assert answer.text == REWARD and answer.model == "test-model" and answer.finish_reason == "stop" and answer.cost_usd is None
    assert (answer.input_tokens, answer.cached_input_tokens, answer.output_tokens) == (1000, 300, 200)
    assert ("stream" in server.asked[0].body) == stream


def test_a_stream_gives_several_answers_too(server, make, ask):
    server.default = lambda asked: completion(asked, [f"answer {k}" for k in range(asked.body.get("n", 1))], usage=(1000, 7))
    answers = ask(make(stream=True), samples=3)
    assert [answer.text for answer in answers] == ["answer 0", "answer 1", "answer 2"] and len(server.asked) == 1
    assert sum(answer.output_tokens for answer in answers) == 21 and sum(answer.input_tokens for answer in answers) == 1000


@pytest.mark.parametrize(("told", "reason"), [("length", "length"), ("content_filter", "refusal"), ("tool_calls", "tool_calls")])
@pytest.mark.parametrize("stream", [False, True])
def test_why_it_ended_is_told_in_cores_words_where_it_has_one(server, make, ask, told, reason, stream):
    server.default = lambda asked: completion(asked, ["half of"], finish=told)
    (answer,) = ask(make(stream=stream))
    assert (answer.text, answer.finish_reason) == ("half of", reason)


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_is_an_answer_with_its_words(server, make, ask, stream):
    server.default = lambda asked: completion(asked, [""], refusal="I will not.")
    (answer,) = ask(make(stream=stream))
    assert (answer.text, answer.finish_reason) == ("I will not.", "refusal")


@pytest.mark.parametrize("content", ["", None, 7])
def test_an_answer_without_text_is_an_empty_one(server, make, ask, content):
    server.default = lambda asked: completion(asked, [content])
    assert ask(make())[0].text == "" and len(server.asked) == 1


def test_text_in_parts_is_put_together_without_the_thoughts(server, make, ask):
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    server.default = lambda asked: completion(asked, [parts])
    assert ask(make())[0].text == "ab"


def broken(asked) -> list[Reply]:
    whole = completion(asked).body
    return [
        Reply(b'{"choices": [{"message": {"con'),
        Reply(b"\xff\xfe{}"),
        Reply(b"<html><body>It works!</body></html>", headers={"Content-Type": "text/html"}),
        Reply({"object": "list", "data": []}),
        Reply({"choices": []}),
        Reply({"choices": [None]}),
        Reply({"choices": "none"}),
        Reply(b"[]"),
        Reply(b"null"),
        Reply(b"[" * 200_000),
        Reply(b'{"created": ' + b"9" * 5000 + b"}"),
        Reply({"error": {"message": "upstream is down", "code": 502}}),
        Reply({"choices": [{"index": 0, "finish_reason": "error", "error": {"code": 502}, "message": {"content": "x"}}]}),
        Reply(whole, cut=len(whole) // 2),
        Reply(b"", cut=0),
    ]


def broken_streams(asked) -> list[Reply]:
    asked.body["stream"] = True
    whole = completion(asked).body
    failed = b'data: {"error": {"message": "the engine died", "code": 500}}\n\n'
    return [
        Reply(whole, headers=EVENTS, cut=len(whole) // 2),
        Reply(whole[: len(whole) // 2], headers=EVENTS),  # ends as if it were whole
        Reply(whole[: len(whole) // 2].rpartition(b"data:")[0], headers=EVENTS),
        Reply(whole[:300].rpartition(b"data:")[0] + failed, headers=EVENTS),
        Reply(failed, headers=EVENTS),
        Reply(b"data: {not json}\n\n", headers=EVENTS),
        Reply(b"data: \xff\xfe\n\n", headers=EVENTS),
        Reply(b"data: [DONE]\n\n", headers=EVENTS),
        Reply(b'data: {"choices": 5}\n\ndata: [1]\n\ndata: {"choices": [null, {"index": [], "delta": 5}]}\n\n', headers=EVENTS),
        Reply(completion(type(asked)("", {}, {})).body),  # no stream at all
        Reply(b"", headers=EVENTS),
    ]


@pytest.mark.parametrize("number", range(15))
def test_an_answer_that_is_none_is_asked_for_again(server, make, ask, number):
    server.script = [lambda asked: broken(asked)[number]]
    assert ask(make(max_retries=1))[0].text == REWARD and len(server.asked) == 2


@pytest.mark.parametrize("number", range(11))
def test_a_stream_that_breaks_off_is_asked_for_again(server, make, ask, number):
    server.script = [lambda asked: broken_streams(asked)[number]]
    assert ask(make(max_retries=1, stream=True))[0].text == REWARD and len(server.asked) == 2


@pytest.mark.parametrize(
    ("stream", "number", "words"), [(False, 2, "It works!"), (False, 11, "upstream is down"), (True, 4, "the engine died")]
)
def test_what_breaks_off_to_the_last_try_is_a_fault_that_may_be_billed(server, make, ask, stream, number, words):
    server.default = lambda asked: (broken_streams if stream else broken)(asked)[number]
    with pytest.raises(ModelFault) as fault:
        ask(make(stream=stream))
    assert "gave no whole answer in " in str(fault.value) and words in str(fault.value) and fault.value.billed


def test_a_stream_that_falls_silent_is_asked_for_again(server, make, ask):
    def silent(asked):
        reply = completion(asked)
        reply.pause = (400, 3.0)
        return reply

    server.script = [silent]
    assert ask(make(stream=True, max_retries=1, timeout_s=0.4))[0].text == REWARD and len(server.asked) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_without_usage_tokens_are_estimated_and_told_once(server, make, ask, stream, caplog):
    def silent(asked):
        reply = completion(asked, ["x" * 400])
        kept = [line for line in reply.body.split(b"\n\n") if b"prompt_tokens" not in line] if stream else []
        return Reply(b"\n\n".join(kept), headers=EVENTS) if stream else usage(reply)

    server.default = silent
    llm = make(stream=stream)
    (answer,) = ask(llm)
    ask(llm)
    assert answer.output_tokens == about([Message(role="assistant", content="x" * 400)]) == 110 and 10 < answer.input_tokens < 60
    assert caplog.text.count("tells no token usage") == 1


def test_zero_tokens_for_an_answer_are_no_usage(server, make, ask):
    server.default = lambda asked: usage(completion(asked), prompt_tokens=0, completion_tokens=0, total_tokens=0)
    assert ask(make())[0].output_tokens > 10


def test_tokens_of_reasoning_that_are_in_the_total_alone_are_counted(server, make, ask):
    server.default = lambda asked: usage(completion(asked), prompt_tokens=100, completion_tokens=10, total_tokens=900)
    assert ask(make())[0].output_tokens == 800


def test_deepseeks_word_for_cached_input_is_known(server, make, ask):
    server.default = lambda asked: usage(completion(asked), prompt_cache_hit_tokens=640, prompt_tokens_details=None)
    assert ask(make())[0].cached_input_tokens == 640


def test_the_cost_openrouter_tells_is_taken_unless_the_user_has_a_price(server, make, ask, monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-1234567890")
    server.default = lambda asked: usage(completion(asked), cost=0.0125)
    assert ask(make(preset="openrouter"))[0].cost_usd == 0.0125
    assert ask(make(preset="openrouter", price=Price(input=1, output=2)))[0].cost_usd is None
    assert ask(make())[0].cost_usd is None
    server.default = lambda asked: usage(completion(asked), cost="free")
    assert ask(make(preset="openrouter"))[0].cost_usd is None


def test_a_model_that_writes_more_than_its_limit_is_told_of_once(server, make, ask, caplog):
    server.default = lambda asked: completion(asked, usage=(10, 300))
    llm = make(max_tokens=100)
    ask(llm)
    ask(llm)
    assert caplog.text.count("writes more than llm.max_tokens") == 1
    caplog.clear()
    ask(make(max_tokens=300), samples=2)
    ask(make(max_tokens=300), max_tokens=16)  # of who asks, as `check --online` does; no setting
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
