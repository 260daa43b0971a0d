"""No key, nor a piece of it, in any text."""

from __future__ import annotations

import json
import logging
import traceback

import pytest

from eureka.errors import ConfigError, ModelFault
from servers.base import Reply, error
from servers.chat import completion


def pieces(key: str, text: str) -> list[str]:
    return [key[k : k + 8] for k in range(len(key) - 7) if key[k : k + 8] in text]


ECHOES = [
    lambda key: f"Incorrect API key provided: {key}.",
    lambda key: f"Incorrect API key provided: {key[:12]}...{key[-9:]}.",
    lambda key: " | ".join(key[k : k + 8] for k in range(0, len(key), 3)),
    lambda key: "\u200b".join(key),
    lambda key: f"{key[:20]}\u200b{key[20:]}",
    lambda key: "x" * 290 + key,
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("reply", [
    lambda words: error(401, words),
    lambda words: Reply(words.encode(), 403, {"Content-Type": "text/plain"}),
    lambda words: Reply({"detail": words}, 400),
    lambda words: error(400, f"temperature is not supported. {words}", param="temperature"),
    lambda words: Reply({"error": {"message": words}}),
    lambda words: Reply(f"<html>{words}</html>".encode(), headers={"Content-Type": "text/html"}),
])  # fmt: skip
def test_a_server_that_says_the_key_again_is_not_repeated(server, make, ask, key, echo, reply, caplog):
    caplog.set_level(logging.DEBUG)
    server.default = lambda asked: reply(echo(key))
    with pytest.raises(ModelFault) as fault:
        ask(make())
    told = "".join(traceback.format_exception(fault.value)) + caplog.text
    assert pieces(key, str(fault.value).replace("\u200b", "")) == [] and pieces(key, told) == []


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_whose_name_and_end_hold_the_key_is_not_repeated(server, make, ask, key, stream):
    def answer(asked):
        asked.body["model"] = f"model-{key}"
        return completion(asked, ["text"], finish=f"because-{key[:20]}")

    server.default = answer
    (answer,) = ask(make(stream=stream))
    assert answer.model == "model-[KEY]" and answer.finish_reason == "because-[KEY]"


def test_an_error_inside_a_stream_is_cleaned_too(server, make, ask, key):
    event = f"data: {json.dumps({'error': {'message': f'bad key {key}'}})}\n\n".encode()
    server.default = lambda asked: Reply(event, headers={"Content-Type": "text/event-stream"})
    with pytest.raises(ModelFault, match=r"bad key \[KEY\]"):
        ask(make(stream=True))


@pytest.mark.parametrize("odd", ["sk-abcd\nefgh12345", "sk-abcd efgh12345", "“sk-abcdefgh12345”"])
def test_a_key_that_no_header_can_hold_is_told_before_anything_is_sent(server, make, monkeypatch, odd):
    monkeypatch.setenv("OPENAI_API_KEY", odd)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY has a space, a line break") as error:
        make().eureka_check_llm()
    assert "abcd" not in str(error.value) and server.asked == []
