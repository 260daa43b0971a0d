"""Every fault is one line that names what to change, and never a key."""

from __future__ import annotations

import pytest

from eureka.errors import ConfigError, ModelFault
from servers.base import Reply, error
from servers.chat import REWARD, chat_server, completion

NOW = {"retry-after": "0"}


@pytest.fixture
def fault_of(key):
    """The fault that a question ends with, after a look at its text."""

    def ask(component, request) -> ModelFault:
        with pytest.raises(ModelFault) as raised:
            list(component.eureka_complete(request))
        message = str(raised.value)
        assert "\n" not in message and message.startswith("llm: ")
        assert not [piece for k in range(len(key) - 7) if (piece := key[k : k + 8]) in message]
        return raised.value

    return ask


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, "does not accept the call (400). Look at the options of llm."),
        (401, "does not accept the environment variable OPENAI_API_KEY (401)."),
        (402, "wants to be paid first (402)."),
        (403, "does not let the environment variable OPENAI_API_KEY use openai/gpt-4o (403). Look at llm.model"),
        (404, "has no model openai/gpt-4o, or no such service at http://127.0.0.1"),
        (413, "the prompt is too long for openai/gpt-4o (413)."),
        (422, "does not accept the call (422)."),
    ],
)
def test_what_would_not_pass_stops_at_once_and_repeats_the_provider_s_words(key, fault_of, llm, server, request_of, status, told):
    server.script = [error(status, f"your key {key} is unwelcome")] * 3
    fault = fault_of(llm(max_retries=3), request_of())
    assert told in str(fault) and 'It says: "your key [KEY] is unwelcome"' in str(fault)
    assert len(server.asked) == 1 and not fault.billed


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (408, "gave up on the call after 2 tries (408)."),
        (409, "gave up on the call after 2 tries (409)."),
        (429, "turns further calls down after 2 tries (429). Raise llm.max_retries, lower llm.parallel"),
        (500, "has a fault of its own after 2 tries (500)."),
        (503, "has a fault of its own after 2 tries (503)."),
    ],
)
def test_what_may_pass_is_tried_again_up_to_the_limit(fault_of, llm, server, request_of, status, told):
    server.script = [error(status, "later", NOW)] * 2
    assert told in str(fault_of(llm(max_retries=1), request_of()))
    assert len(server.asked) == 2


def test_a_provider_that_has_no_library_of_its_own_is_tried_again_too(llm, server, request_of):
    server.script = [error(503, "later", NOW), lambda asked: Reply(completion(asked).body, cut=100)]
    (answer,) = llm(model="hosted_vllm/m", max_retries=2).eureka_complete(request_of())
    assert answer.text == REWARD
    assert len(server.asked) == 3


def test_the_pause_a_provider_asks_for_is_made(llm, server, request_of):
    server.script = [error(429, "slow down", {"retry-after": "2"})]
    list(llm(max_retries=1).eureka_complete(request_of()))
    first, second = server.asked
    assert second.time - first.time >= 2


def test_a_provider_that_wants_to_be_left_alone_for_hours_is_not_waited_for(fault_of, llm, server, request_of):
    server.default = error(429, "slow down", {"retry-after": "3600"})
    fault = fault_of(llm(max_retries=5), request_of())
    assert "wants no further call for 1 h" in str(fault) and "max_retries" not in str(fault) and len(server.asked) == 1


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(fault_of, llm, server, request_of):
    llm().eureka_check_llm()  # the import takes seconds
    server.default = Reply(b" " * 200, drip=0.1)
    fault = fault_of(llm(deadline_s=0.5), request_of())
    assert "llm.deadline_s" in str(fault) and fault.billed


def test_a_refused_connection_names_the_address(fault_of, llm, request_of):
    server = chat_server()
    server.close()
    fault = fault_of(llm(base_url=f"{server.url}/v1"), request_of())
    assert f"nothing answers at {server.url}/v1/chat/completions (connection refused)" in str(fault) and "llm.base_url" in str(fault)
    assert not fault.billed


def test_an_unknown_host_is_named(fault_of, llm, request_of):
    fault = fault_of(llm(base_url="http://nowhere.invalid/v1"), request_of())
    assert "the host of http://nowhere.invalid/v1/chat/completions is not known (DNS)" in str(fault)
    assert not fault.billed


def test_a_server_without_tls_is_named(fault_of, llm, server, request_of):
    fault = fault_of(llm(base_url=server.url.replace("http:", "https:")), request_of())
    assert "no safe connection to https://127.0.0.1" in str(fault) and "SSL_CERT_FILE" in str(fault)
    assert not fault.billed


def test_a_server_that_hangs_is_left_and_may_have_billed(fault_of, llm, server, request_of):
    server.script = [Reply({}, hang=3)]
    fault = fault_of(llm(timeout_s=0.3), request_of())
    assert "in time. Raise llm.timeout_s" in str(fault)
    assert fault.billed


@pytest.mark.parametrize("model", ["openai/gpt-4o", "hosted_vllm/m"])
def test_an_answer_cut_in_the_middle_may_have_been_billed(fault_of, llm, server, request_of, model):
    server.script = [lambda asked: Reply(completion(asked).body, cut=100)]
    fault = fault_of(llm(model=model), request_of())
    assert "the connection to http://127.0.0.1" in str(fault) and "failed" in str(fault)
    assert fault.billed


@pytest.mark.parametrize("model", ["openai/gpt-4o", "hosted_vllm/m"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"id": "x", "choices'),
        Reply(b"<html>busy</html>", headers={"Content-Type": "text/html"}),
        Reply({"id": "x", "object": "chat.completion", "model": "m", "choices": [], "usage": {}}),
        Reply({"choices": [{"index": 0}]}),
        Reply({"hello": 1}),
    ],
    ids=["malformed", "html", "no choice", "no message", "something else"],
)
def test_an_answer_that_makes_no_sense_is_asked_for_again_up_to_the_limit(fault_of, llm, server, request_of, reply, model):
    server.script = [reply]
    (answer,) = llm(model=model, max_retries=1).eureka_complete(request_of())
    assert answer.text == REWARD
    server.script = [reply]
    fault = fault_of(llm(model=model), request_of())
    assert "gave no whole answer" in str(fault)
    assert fault.billed


def test_a_prompt_too_long_for_the_model_is_told_as_that(fault_of, llm, server, request_of):
    server.script = [error(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded")]
    assert "the prompt is too long for openai/gpt-4o" in str(fault_of(llm(), request_of()))


def test_answers_that_had_come_are_given_before_the_fault(llm, server, request_of):
    server.script = [completion, completion, error(401)]
    answers = []
    with pytest.raises(ModelFault):
        for answer in llm(parallel=1).eureka_complete(request_of(4)):
            answers.append(answer.sample)
    assert answers == [0, 1]
    assert len(server.asked) == 3


def test_a_key_that_no_header_can_hold_is_not_shown(key, fault_of, llm, request_of, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{key}\n")
    fault_of(llm(), request_of())


def test_an_argument_that_litellm_cannot_use_is_no_fault_of_the_network(fault_of, llm, server, request_of):
    fault = fault_of(llm(max_retries=3, extra={"extra_headers": {"X-Team": 5}}), request_of())
    assert "llm: litellm could not ask openai/gpt-4o. Look at the options of llm." in str(fault)
    assert not server.asked


def test_a_missing_key_is_named_before_anything_is_asked(llm, monkeypatch):
    with pytest.raises(
        ConfigError, match=r"the environment variable GROQ_API_KEY is not set, and groq needs a key\. Set it: export GROQ_AP"
    ):
        llm(model="groq/llama-3.3-70b-versatile").eureka_check_llm()
    with pytest.raises(ConfigError, match="GOOGLE_API_KEY or GEMINI_API_KEY is not set"):
        llm(model="gemini/gemini-2.5-flash").eureka_check_llm()
    monkeypatch.setenv("GROQ_API_KEY", "gsk_8sT2kQ0v7LtR4bNs")
    llm(model="groq/llama-3.3-70b-versatile").eureka_check_llm()


def test_a_missing_key_that_the_config_names_is_named(llm):
    with pytest.raises(ConfigError, match="the environment variable TEAM_API_KEY is not set"):
        llm(api_key_env="TEAM_API_KEY").eureka_check_llm()


def test_a_cloud_account_may_be_elsewhere_than_in_variables(llm):
    llm(model="bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0").eureka_check_llm()


def test_a_model_of_no_provider_is_told_before_anything_is_asked(llm):
    with pytest.raises(ConfigError, match=r"llm\.model: 'llama' names no provider that litellm [0-9.]+ knows\. Write PROVIDER/MODEL"):
        llm(model="llama").eureka_check_llm()
