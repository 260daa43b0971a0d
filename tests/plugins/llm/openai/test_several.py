"""All samples in one call where the server does that, by single calls where it does not, and what each answer then cost."""

from __future__ import annotations

import threading
import time

import pytest

from eureka.errors import ModelFault
from eureka.generator_types import Price
from servers.base import error
from servers.chat import chat_server, completion


def one(asked):
    """Ignores `n`."""
    return completion(asked, ["only one"])


def sent(server) -> list[int]:
    return [asked.body.get("n", 1) for asked in server.asked]


def test_a_server_that_takes_n_is_asked_once(server, make, ask):
    answers = ask(make(), samples=4)
    assert sent(server) == [4] and [answer.sample for answer in answers] == [0, 1, 2, 3]


def test_a_server_that_ignores_n_is_asked_singly_for_the_rest_and_from_then_on(server, make, ask):
    server.default = one
    llm = make()
    assert len(ask(llm, samples=4)) == 4 and sent(server) == [4, 1, 1, 1]
    assert len(ask(llm, samples=3)) == 3 and sent(server)[4:] == [1, 1, 1]


@pytest.mark.parametrize(
    "refusal",
    [
        error(400, "Unsupported value: 'n' does not support 4 with this model.", param="n"),
        error(400, "n is not supported"),
        error(422, "Only one completion choice is allowed"),
        error(500, "Only one completion choice is allowed"),
        error(400, "candidateCount is out of range"),
    ],
)
def test_a_server_that_refuses_n_is_asked_singly_from_then_on(server, make, ask, refusal, caplog):
    server.script = [refusal]
    llm = make()
    assert len(ask(llm, samples=4)) == 4 and sent(server) == [4, 1, 1, 1, 1]
    assert len(ask(llm, samples=2)) == 2 and sent(server)[5:] == [1, 1]
    assert caplog.text == ""  # nothing a user has to know


def test_a_server_that_gives_some_is_asked_for_the_missing(server, make, ask):
    server.script = [lambda asked: completion(asked, ["a", "b", "c"])]
    answers = ask(make(), samples=5)
    assert [answer.text for answer in answers][:3] == ["a", "b", "c"] and sent(server) == [5, 1, 1]


def test_use_n_never_asks_for_several(server, make, ask):
    ask(make(use_n=False), samples=3)
    assert sent(server) == [1, 1, 1]


def test_use_n_always_asks_for_several_again_for_what_is_missing(server, make, ask):
    server.default = lambda asked: completion(asked, ["x"] * min(3, asked.body.get("n", 1)))
    assert len(ask(make(use_n=True), samples=8)) == 8 and sent(server) == [8, 5, 2]


def test_use_n_always_stops_where_it_is_refused(server, make, ask):
    server.default = lambda asked: error(400, "n must be 1", param="n")
    with pytest.raises(ModelFault, match="n must be 1"):
        ask(make(use_n=True), samples=2)
    assert sent(server) == [2]


@pytest.mark.parametrize(
    ("preset", "first"), [("vllm", 3), ("ollama", 1), ("lmstudio", 1), ("openrouter", 1), ("gemini", 1), ("deepseek", 1)]
)
def test_presets_whose_servers_ignore_n_start_with_single_calls(server, make, ask, monkeypatch, preset, first):
    for name in ("OPENROUTER_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY"):
        monkeypatch.setenv(name, "sk-1234567890abcdef")
    assert len(ask(make(preset=preset), samples=3)) == 3
    assert sent(server)[0] == first


def test_more_choices_than_asked_for_are_left(server, make, ask):
    server.default = lambda asked: completion(asked, ["a", "b", "c", "d"], usage=(100, 10))
    answers = ask(make(), samples=2)
    assert [answer.text for answer in answers] == ["a", "b"] and sum(answer.output_tokens for answer in answers) == 40


def test_the_usage_of_a_call_is_shared_so_that_the_sum_is_exact(server, make, ask):
    usage = {"prompt_tokens": 1001, "completion_tokens": 203, "total_tokens": 1204, "prompt_tokens_details": {"cached_tokens": 600}}

    def odd(asked):
        reply = completion(asked, ["x"] * 4)
        reply.body = reply.body.replace(
            reply.body[reply.body.index(b'"usage"') :], b'"usage": ' + str(usage).replace("'", '"').encode() + b"}"
        )
        return reply

    server.default = odd
    answers = ask(make(), samples=4)
    assert [answer.output_tokens for answer in answers] == [51, 51, 51, 50]
    assert [answer.input_tokens for answer in answers] == [1001, 0, 0, 0] and [a.cached_input_tokens for a in answers] == [600, 0, 0, 0]
    price = Price(input=2, cached_input=1, output=8)
    assert sum(price.of(answer) for answer in answers) == pytest.approx((401 * 2 + 600 * 1 + 203 * 8) / 1e6, abs=1e-15)


def test_threads_that_learn_of_it_at_the_same_time_all_get_their_answers(make, ask):
    server = chat_server(latency=0.05)
    server.default = one
    llm = make(base_url=f"{server.url}/v1")
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(ask(llm, samples=3)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [3] * 6 and len(server.asked) == 18
    server.close()


def test_sixteen_samples_by_single_calls_of_two_seconds_take_less_than_six(make, ask):
    server = chat_server(latency=2.0)
    server.default = one
    started = time.monotonic()
    assert len(ask(make(base_url=f"{server.url}/v1"), samples=16)) == 16
    assert time.monotonic() - started < 6 and sent(server) == [16] + [1] * 15
    server.close()


def test_no_more_calls_than_parallel_are_under_way(make, ask):
    server = chat_server()
    now, most, lock = [0], [0], threading.Lock()

    def counting(asked):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return one(asked)

    server.default = counting
    ask(make(base_url=f"{server.url}/v1", use_n=False, parallel=3), samples=9)
    assert most[0] == 3
    server.close()
