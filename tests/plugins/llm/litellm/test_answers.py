"""What a model answers, over a real socket, becomes an `Answer`."""

from __future__ import annotations

import time

import pytest

from eureka_litellm.library import library
from servers.base import Reply, Server
from servers.chat import REWARD, chat_server, completion


def test_each_sample_is_asked_for_by_itself(llm, server, request_of):
    answers = list(llm().eureka_complete(request_of(3)))
    assert sorted(answer.sample for answer in answers) == [0, 1, 2]
    assert {answer.text for answer in answers} == {REWARD}
    assert len(server.asked) == 3
    body = server.asked[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("gpt-4o", 1.0, 8192)
    assert "n" not in body and "stream" not in body


def test_the_usage_block_is_told_with_what_came_from_a_cache(llm, server, request_of):
    server.script = [lambda asked: completion(asked, usage=(1000, 70), cached=900)]
    (answer,) = llm().eureka_complete(request_of())
    assert (answer.input_tokens, answer.cached_input_tokens, answer.output_tokens) == (1000, 900, 70)


def test_an_answer_cut_at_its_limit_says_so(llm, server, request_of):
    server.script = [lambda asked: completion(asked, ["def compute_rew"], finish="length")]
    (answer,) = llm().eureka_complete(request_of())
    assert (answer.finish_reason, answer.text) == ("length", "def compute_rew")


def test_a_budget_s_limit_goes_before_the_option_s(llm, server, request_of):
    list(llm().eureka_complete(request_of(max_tokens=300)))
    assert server.asked[0].body["max_tokens"] == 300


@pytest.mark.parametrize("message", [{"refusal": "I would rather not."}, {"finish": "content_filter"}])
def test_a_refusal_is_an_answer_that_says_so(llm, server, request_of, message):
    server.script = [lambda asked: completion(asked, [None], **message)]
    (answer,) = llm().eureka_complete(request_of())
    assert (answer.finish_reason, answer.text) == ("refusal", message.get("refusal", ""))


def test_an_empty_answer_is_paid_for_and_kept(llm, server, request_of):
    server.script = [lambda asked: completion(asked, [None], usage=(1000, 0))]
    (answer,) = llm().eureka_complete(request_of())
    assert (answer.text, answer.finish_reason, answer.input_tokens) == ("", "stop", 1000)


def test_a_server_of_one_s_own_needs_no_key(llm, server, request_of, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    component = llm(model="hosted_vllm/qwen3-coder")
    component.eureka_check_llm()
    (answer,) = component.eureka_complete(request_of())
    assert answer.text == REWARD
    assert server.asked[0].body["model"] == "qwen3-coder"


def test_a_key_named_in_the_config_is_sent_without_its_line_break(llm, server, request_of, monkeypatch):
    monkeypatch.setenv("MY_OWN_KEY", "sk-another-8sT2k\n")
    list(llm(api_key_env="MY_OWN_KEY").eureka_complete(request_of()))
    assert server.asked[0].headers["authorization"] == "Bearer sk-another-8sT2k"


def test_extra_arguments_are_passed_through(llm, server, request_of):
    list(llm(extra={"top_p": 0.5, "extra_headers": {"X-Team": "robots"}}).eureka_complete(request_of()))
    assert server.asked[0].body["top_p"] == 0.5
    assert server.asked[0].headers["x-team"] == "robots"


def test_what_a_model_does_not_take_is_left_out_with_one_warning(llm, server, request_of, caplog):
    list(llm(model="openai/o3", temperature=0.7, reasoning_effort="low").eureka_complete(request_of(4)))
    assert all("temperature" not in asked.body for asked in server.asked)
    assert all(asked.body["reasoning_effort"] == "low" for asked in server.asked)
    (record,) = [record for record in caplog.records if record.name == "eureka"]
    assert record.getMessage().startswith("llm.temperature: 0.7 is left out: as litellm knows openai/o3, it does not take it.")


def test_the_user_can_have_sent_what_litellm_would_leave_out(llm, server, request_of, caplog):
    component = llm(reasoning_effort="high", extra={"allowed_openai_params": ["reasoning_effort"]})
    list(component.eureka_complete(request_of()))
    assert server.asked[0].body["reasoning_effort"] == "high"
    assert not caplog.records


def test_a_provider_with_another_format_is_asked_in_it(llm, request_of, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-Qx81mQ0v7LtR4bNs")
    usage = {"input_tokens": 100, "cache_read_input_tokens": 800, "cache_creation_input_tokens": 50, "output_tokens": 20}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": REWARD}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
    server = Server(lambda asked: Reply(message))
    (answer,) = llm(model="anthropic/claude-sonnet-4-5", base_url=server.url).eureka_complete(request_of())
    server.close()
    assert server.asked[0].path == "/v1/messages"
    assert "You write rewards." in str(server.asked[0].body["system"])
    assert (answer.text, answer.finish_reason) == (REWARD, "stop")
    assert (answer.input_tokens, answer.cached_input_tokens, answer.cache_write_tokens, answer.output_tokens) == (950, 800, 50, 20)


def test_sixteen_samples_of_a_slow_model_are_asked_for_at_the_same_time(llm, request_of):
    library()
    server = chat_server(latency=2.0)
    started = time.monotonic()
    answers = list(llm(base_url=f"{server.url}/v1", timeout_s=30).eureka_complete(request_of(16)))
    took = time.monotonic() - started
    server.close()
    assert sorted(answer.sample for answer in answers) == list(range(16))
    assert took < 6, f"{took:.1f} s"
