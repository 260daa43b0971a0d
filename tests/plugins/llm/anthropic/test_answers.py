"""What an answer is."""

from __future__ import annotations

import pytest

from servers.chat import REWARD
from servers.messages import message
from servers.questions import ask


def test_an_answer_is_the_text_without_the_thinking_and_what_was_read_in_all(server, made):
    server.default = lambda asked: message(asked, usage=(7, 321), read=500, written=40, thinking="Let me see. " * 30)
    (answer,) = ask(made(thinking="adaptive"))
    assert answer.text == REWARD
    assert (answer.input_tokens, answer.cached_input_tokens, answer.cache_write_tokens, answer.output_tokens) == (547, 500, 40, 321)
    assert answer.model == "claude-test" and answer.cost_usd is None


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"), ("pause_turn", "pause_turn"), ("something_new", "something_new"),
    ],
)  # fmt: skip
def test_why_an_answer_ended_is_told_in_the_words_all_providers_share(server, made, stop, finish):
    server.default = lambda asked: message(asked, "half", stop)
    (answer,) = ask(made())
    assert (answer.text, answer.finish_reason) == ("half", finish)


def test_an_empty_answer_is_an_answer_that_was_paid_for(server, made):
    server.default = lambda asked: message(asked, "", "refusal", usage=(900, 3))
    (answer,) = ask(made())
    assert (answer.text, answer.finish_reason, answer.input_tokens, answer.output_tokens) == ("", "refusal", 900, 3)


def test_text_in_any_script_arrives_whole(server, made):
    text = "π ≈ 3.14159 — 奖励函数 \u2028 🎯 " * 20
    server.default = lambda asked: message(asked, text)
    assert ask(made())[0].text == text
