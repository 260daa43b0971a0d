"""What is said when the model does not answer; a key never."""

from __future__ import annotations

import json
import time

import pytest

from eureka.errors import ModelFault
from servers.base import Reply, error
from servers.messages import broken, events, message, stream
from servers.questions import KEY, ask, pieces, question

SOON = {"retry-after-ms": "1"}


def faulty(llm, request=None):
    with pytest.raises(ModelFault) as raised:
        ask(llm, request)
    said = str(raised.value)
    assert said.startswith("llm: ") and "\n" not in said
    return said, raised.value.billed


@pytest.mark.parametrize(
    ("status", "named"),
    [
        (401, "ANTHROPIC_API_KEY"), (402, "account"), (403, "llm.model"), (404, "llm.model"), (413, "too long"), (400, "options of llm"),
    ],
)  # fmt: skip
def test_what_would_fail_again_is_not_tried_again_and_names_what_to_change(server, made, status, named):
    server.script = [error(status, "because of this")]
    said, billed = faulty(made(max_retries=3))
    assert named in said and f"({status})" in said and '"because of this"' in said
    assert len(server.asked) == 1 and not billed


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_what_may_pass_is_tried_again_as_often_as_the_options_say(server, made, status):
    server.script = [error(status, headers=SOON)] * 2
    assert len(ask(made(max_retries=2))) == 1
    server.script = [error(status, headers=SOON)] * 3
    said, billed = faulty(made(max_retries=2))
    assert f"after 3 tries ({status})" in said and "llm.max_retries" in said and not billed


def test_a_provider_that_says_how_long_to_wait_is_obeyed(server, made):
    server.script = [error(429, headers={"retry-after": "1"})]
    ask(made(max_retries=1))
    assert 1 <= server.asked[1].time - server.asked[0].time < 2


@pytest.mark.parametrize(
    "header", [{"retry-after": "3600"}, {"retry-after-ms": "3600000"}, {"retry-after": "3600", "x-should-retry": "true"}]
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_provider_that_wants_to_be_left_alone_for_hours_is_not_waited_for(server, made, header, status):
    server.default = error(status, "later", headers=header)
    started = time.monotonic()
    said, billed = faulty(made(max_retries=5))
    assert "wants no further call for 1 h" in said and "max_retries" not in said and not billed
    assert len(server.asked) == 1 and time.monotonic() - started < 10


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(server, made):
    server.default = Reply(b": ping\n" * 50, headers={"Content-Type": "text/event-stream"}, drip=0.1)
    started = time.monotonic()
    said, billed = faulty(made(deadline_s=0.5), question(3))  # the others wait for the one that goes ahead
    assert "llm.deadline_s" in said and billed and time.monotonic() - started < 3


def test_without_such_a_word_there_is_a_pause(server, made):
    server.script = [error(429)]
    ask(made(max_retries=1))
    assert server.asked[1].time - server.asked[0].time > 0.3


@pytest.mark.parametrize(
    ("url", "named"),
    [("http://127.0.0.1:9", "connection refused"), ("http://nowhere.invalid", "DNS"), ("https", "TLS")],
)
def test_a_server_that_is_not_reached_is_named_with_the_setting(server, made, url, named):
    url = server.url.replace("http:", "https:") if url == "https" else url
    said, billed = faulty(made(base_url=url))
    assert named in said and "llm.base_url" in said and url in said and not billed


def test_a_server_that_hangs_is_given_up(server, made):
    server.script = [Reply({}, hang=1.0)] * 2
    start = time.monotonic()
    said, billed = faulty(made(timeout_s=0.2, max_retries=1))
    assert "llm.timeout_s" in said and billed and time.monotonic() - start < 2.5
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "reply",
    [
        lambda asked: stream([broken("overloaded_error", "Overloaded")]),
        lambda asked: stream([*events(asked)[:4], broken("overloaded_error")]),
        lambda asked: stream([*events(asked)[:4], broken("api_error")]),
        lambda asked: message(asked, cut=900),
        lambda asked: message(asked, pause=(900, 0.6)),
        lambda asked: stream(events(asked)[:-2]),
        lambda asked: stream([]),
        lambda asked: stream(events(asked)[1:]),
        lambda asked: stream([events(asked)[0], {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta", "text": "x"}}]),
        lambda asked: Reply(b'event: message_start\ndata: {"type": \n\n', headers={"Content-Type": "text/event-stream"}),
        lambda asked: Reply(b"event: message_start\ndata: \xff\n\n", headers={"Content-Type": "text/event-stream"}),
        lambda asked: Reply(b"<html>busy</html>", headers={"Content-Type": "text/html"}),
        lambda asked: Reply({"content": []}),
    ],
    ids=["overloaded", "overloaded-midway", "api-error-midway", "cut", "stalls", "no-end", "no-event", "no-start", "no-block", "half-json",
         "no-text", "html", "json"],
)  # fmt: skip
def test_an_answer_that_breaks_off_or_makes_no_sense_is_asked_for_again(server, made, reply):
    server.script = [reply]
    (answer,) = ask(made(max_retries=1, timeout_s=0.3))
    assert "compute_reward" in answer.text and len(server.asked) == 2
    server.script = [reply]
    said, billed = faulty(made(timeout_s=0.3))
    assert "no whole answer" in said and billed


def test_a_limit_of_spending_is_told_as_such_though_its_status_is_that_of_a_mistake(server, made):
    server.script = [error(400, "limit reached", details={"error_code": "enforced_spend_limit_reached"})]
    assert "account" in faulty(made())[0]


def test_a_fault_in_a_stream_that_does_not_pass_is_told_as_its_status_would_be(server, made):
    server.script = [stream([broken("authentication_error", "revoked")])]
    said, _ = faulty(made(max_retries=2))
    assert "ANTHROPIC_API_KEY" in said and "(401)" in said and "revoked" in said and len(server.asked) == 1


def test_what_had_been_answered_before_a_fault_is_given_first(server, made):
    answers = []
    server.script = [message, message, error(401)]
    with pytest.raises(ModelFault):
        for answer in made(parallel=1).eureka_complete(question(5)):
            answers.append(answer.sample)
    assert answers == [0, 1] and len(server.asked) == 3


@pytest.mark.parametrize(
    "echo",
    [
        lambda asked: error(401, f"Incorrect key {KEY[:14]}***{KEY[-9:]}: {json.dumps(asked.headers)}"),
        lambda asked: error(400, json.dumps(asked.headers)),
        lambda asked: Reply(json.dumps(asked.headers).encode(), status=403, headers={"Content-Type": "text/plain"}),
        lambda asked: error(500, json.dumps(asked.headers)),
        lambda asked: stream([broken("overloaded_error", json.dumps(asked.headers))]),
        lambda asked: stream([broken("invalid_request_error", json.dumps(asked.headers))]),
        lambda asked: Reply(f"event: message_start\ndata: {json.dumps(asked.headers)}\n\n".encode()),
        lambda asked: Reply(f'event: error\ndata: "{asked.headers["Authorization"]}"\n\n'.encode()),
    ],
)
def test_no_piece_of_the_key_is_in_what_is_said_though_the_server_repeats_it(server, made, echo, caplog):
    server.default = echo
    said, _ = faulty(made(temperature=0.5))
    assert pieces(said + caplog.text) == []
