"""The first call of a prompt goes ahead, and the others find it in the provider's cache."""

from __future__ import annotations

import threading
import time

import pytest

from eureka.errors import ModelFault
from eureka_anthropic import warm_up
from servers.base import error
from servers.messages import PromptCache, broken, events, message, stream
from servers.questions import ask, question, repair


def times(server):
    return [one.time - server.asked[0].time for one in server.asked]


def test_sixteen_samples_are_read_once_and_the_other_fifteen_share_it(server, made):
    server.default, server.latency = PromptCache(), 0.8
    answers = ask(made(), question(16))
    assert [answer.sample for answer in answers] == list(range(16))
    first, *others = times(server)
    assert first == 0 and min(others) >= 0.8, "the second was sent before the first was answered"
    assert max(others) - min(others) < 0.8, "the others were not sent together"
    prompt = answers[0].input_tokens
    assert sum(answer.cache_write_tokens for answer in answers) == prompt > 500
    assert sum(answer.cached_input_tokens for answer in answers) == 15 * prompt
    assert {answer.input_tokens for answer in answers} == {prompt}


def test_without_a_cache_all_are_sent_at_once_and_each_pays(server, made):
    server.default, server.latency = PromptCache(), 0.8
    answers = ask(made(cache=False), question(4))
    assert max(times(server)) < 0.8
    assert {(answer.cached_input_tokens, answer.cache_write_tokens) for answer in answers} == {(0, 0)}


def test_sixteen_samples_of_a_server_that_takes_two_seconds_take_less_than_six(server, made):
    server.latency = 2.0
    llm, start = made(), time.monotonic()
    assert len(ask(llm, question(16))) == 16
    assert 4 <= time.monotonic() - start < 6


def test_the_others_wait_for_the_first_answer_to_begin_not_to_end(server, made):
    server.script = [lambda asked: message(asked, pause=(600, 2.5))]  # its first events, then a long thought
    ask(made(), question(4))
    assert max(times(server)) < 2


def test_an_answer_that_reports_a_fault_before_it_begins_warms_nothing(server, made):
    server.script = [stream([broken("overloaded_error")])]
    server.default, server.latency = PromptCache(), 0.2
    answers = ask(made(max_retries=1), question(4))
    assert len(answers) == 4 and len(server.asked) == 5
    assert min(times(server)[2:]) >= times(server)[1] + 0.2
    assert sum(answer.cache_write_tokens > 0 for answer in answers) == 1


def test_where_the_first_fails_nothing_else_is_sent(server, made):
    server.default, server.latency = lambda asked: error(401, "invalid x-api-key"), 0.2
    with pytest.raises(ModelFault, match="ANTHROPIC_API_KEY"):
        ask(made(), question(16))
    assert len(server.asked) == 1


def test_after_a_failure_the_next_question_is_sent_again(server, made):
    server.script = [error(403)]
    llm = made()
    with pytest.raises(ModelFault):
        ask(llm, question(3))
    assert len(ask(llm, question(3))) == 3 and len(server.asked) == 4


def test_a_first_answer_that_breaks_off_later_does_not_hold_up_the_others(server, made):
    server.script = [lambda asked: message(asked, cut=900)]
    answers = []
    with pytest.raises(ModelFault, match="broke in the middle"):
        answers += made().eureka_complete(question(3))
    assert len(server.asked) == 3


def test_questions_in_waves_warm_the_cache_once(server, made):
    server.default, server.latency = PromptCache(), 0.6
    llm = made()
    ask(llm, question(2))
    start = time.monotonic()
    wave = ask(llm, question(4))
    assert time.monotonic() - start < 1.2, "one went ahead though the text was in the cache"
    assert {answer.cache_write_tokens for answer in wave} == {0}


def test_a_text_that_has_left_the_cache_is_warmed_again(server, made, monkeypatch):
    monkeypatch.setattr(warm_up, "_LIFETIME", 0.0)
    server.latency = 0.2
    llm = made()
    ask(llm, question())
    ask(llm, question(3))
    assert min(times(server)[2:]) >= times(server)[1] + 0.2


def test_a_repair_reads_the_conversation_it_goes_on_and_writes_nothing(server, made):
    server.default = PromptCache()
    llm = made()
    (first,) = ask(llm)
    (again,) = ask(llm, repair("```python\nx\n```" * 30))
    assert again.cached_input_tokens == first.cache_write_tokens > 500
    assert again.cache_write_tokens == 0 and again.input_tokens > first.input_tokens + 100


def test_repairs_that_find_nothing_in_the_cache_pay_for_what_they_share_once(server, made):
    """As in a run that goes on the next day: several answers are sent back at the same time."""
    server.default, server.latency = PromptCache(), 0.2
    llm, answers = made(), []
    asked = [threading.Thread(target=lambda k=k: answers.extend(ask(llm, repair(f"answer {k} " * 50)))) for k in range(4)]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()
    assert sum(answer.cache_write_tokens > 0 for answer in answers) == 1
    assert sum(answer.cached_input_tokens > 0 for answer in answers) == 3


def test_a_ping_is_not_the_beginning_of_an_answer(server, made):
    ping = {"type": "ping"}
    server.script = [lambda asked: stream([ping, *events(asked)], pause=(len(stream([ping]).body), 0.5))]
    ask(made(), question(2))
    assert times(server)[1] >= 0.5
