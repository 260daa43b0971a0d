"""Every way a call can fail: one line that names what to change, and how often it was tried."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from eureka.errors import ModelFault
from servers.base import Reply, error
from servers.chat import completion

SOON = {"retry-after-ms": "1"}


def fault_of(ask, llm, samples: int = 1) -> ModelFault:
    with pytest.raises(ModelFault) as fault:
        ask(llm, samples)
    assert "\n" not in str(fault.value)
    return fault.value


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(400, "bad request"), "does not accept the call (400). Look at the options of llm"),
        (error(401, "who are you"), "does not accept the environment variable OPENAI_API_KEY (401). Set it to a valid key"),
        (error(402, "no credit"), "wants to be paid first (402)"),
        (error(403, "not yours"), "does not let the environment variable OPENAI_API_KEY use test-model (403)"),
        (error(404, "no such model"), "has no model test-model, or no such service at "),
        (error(429, "quota", code="insufficient_quota"), "wants to be paid first (429). Look at your account"),
        (error(429, "slow down"), "turns further calls down (429). Raise llm.max_retries, lower llm.parallel"),
        (error(408, "too slow"), "gave up on the call (408)"),
        (error(409, "conflict"), "gave up on the call (409)"),
        (error(500, "oops"), "has a fault of its own (500)"),
        (error(503, "busy"), "has a fault of its own (503)"),
        (Reply(b"<html>Bad Gateway</html>", 502, {"Content-Type": "text/html"}), "has a fault of its own (502)"),
        (Reply(b"", 500), "has a fault of its own (500)"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_call_says_what_to_change_and_is_not_billed(server, make, ask, key, reply, words, stream):
    server.default = lambda asked: reply
    fault = fault_of(ask, make(stream=stream))
    assert words in str(fault) and not fault.billed and len(server.asked) == 1
    if b"error" in reply.body:
        assert 'It says: "' in str(fault)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
@pytest.mark.parametrize("headers", [SOON, {}])
def test_a_passing_fault_is_tried_again_by_the_sdk(server, make, ask, status, headers):
    server.script = [error(status, "later", headers)]
    assert len(ask(make(max_retries=1))) == 1 and len(server.asked) == 2


def test_the_pause_a_server_asks_for_is_made(server, make, ask):
    server.script = [error(429, "later", {"retry-after": "1.2"})]
    ask(make(max_retries=1))
    assert server.asked[1].time - server.asked[0].time >= 1.2


def test_tries_end_at_the_limit_and_are_told(server, make, ask):
    server.default = lambda asked: error(503, "busy", SOON)
    assert "(503)" in str(fault := fault_of(ask, make(max_retries=2))) and "after 3 tries" in str(fault) and len(server.asked) == 3


def test_a_call_that_was_not_tried_again_does_not_say_so(server, make, ask):
    server.default = lambda asked: error(429, "come back tomorrow", {"retry-after": "86400"})
    said = str(fault_of(ask, make(max_retries=5)))
    assert " tries" not in said and "wants no further call for 24 h" in said and "max_retries" not in said and len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_nothing_more_is_asked_after_what_no_other_try_would_change(server, make, ask, key, status):
    server.script = [completion, completion]
    server.default = lambda asked: error(status, "no")
    llm = make(use_n=False, parallel=1, max_retries=5)
    got = []
    with pytest.raises(ModelFault):
        got.extend(answer for answer in _each(ask, llm))
    assert len(server.asked) == 3


def _each(ask, llm):
    return ask(llm, 8)


def test_without_a_key_401_names_the_setting(server, make, ask):
    server.default = lambda asked: error(401, "who are you")
    assert "none is set: see llm.api_key_env" in str(fault_of(ask, make()))


def test_azure_names_its_own_settings(server, make, ask, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-000000001")
    server.default = lambda asked: error(404, "no such deployment", code="DeploymentNotFound")
    words = str(fault_of(ask, make(azure={"endpoint": server.url, "deployment": "mine"})))
    assert words.startswith("llm: azure has no model mine, or no such service at ") and "Look at llm.model and llm.azure" in words


def test_connection_refused_names_the_address(make, ask):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    fault = fault_of(ask, make(base_url=url))
    assert f"nothing answers at {url} (connection refused)" in str(fault) and not fault.billed


def test_an_unknown_host_is_told_from_a_silent_one(make, ask):
    fault = fault_of(ask, make(base_url="http://no-such-host.invalid/v1"))
    assert "is not known (DNS)" in str(fault) and "llm.base_url" in str(fault) and not fault.billed


def test_a_server_without_tls_is_told_from_a_silent_one(server, make, ask):
    fault = fault_of(ask, make(base_url=server.url.replace("http:", "https:")))
    assert "no safe connection to https://127.0.0.1" in str(fault) and "TLS" in str(fault) and not fault.billed


def test_a_server_that_hangs_is_given_up_after_timeout_s(server, make, ask):
    server.default = lambda asked: Reply({}, hang=5)
    started = time.monotonic()
    fault = fault_of(ask, make(timeout_s=0.3, max_retries=0))
    assert "in time. Raise llm.timeout_s" in str(fault) and fault.billed and time.monotonic() - started < 3


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up_after_deadline_s(server, make, ask, stream):
    server.default = lambda asked: Reply(b" " * 200, headers={"Content-Type": "text/event-stream"} if stream else None, drip=0.1)
    started = time.monotonic()
    fault = fault_of(ask, make(timeout_s=5, deadline_s=0.5, stream=stream, max_retries=3))
    assert "no whole answer in 0.5 s" in str(fault) and "llm.deadline_s" in str(fault)
    assert fault.billed and time.monotonic() - started < 3


def test_pauses_and_tries_of_the_library_count_towards_deadline_s(server, make, ask):
    server.default = lambda asked: error(503, "busy", {"retry-after": "1"})
    started = time.monotonic()
    assert "llm.deadline_s" in str(fault_of(ask, make(deadline_s=1.5, max_retries=50)))
    assert len(server.asked) == 2 and time.monotonic() - started < 3


def test_a_connection_that_is_closed_without_an_answer_may_be_billed(server, make, ask):
    server.default = lambda asked: Reply(b"{}" * 100, cut=7)
    fault = fault_of(ask, make())
    assert "the connection to" in str(fault) and "failed" in str(fault) and fault.billed


def test_ctrl_c_is_not_held_up_by_a_server_that_hangs(server):
    server.default = lambda asked: Reply({}, hang=30)
    program = f"""
from eureka.at_once import at_once
from eureka.generator_types import CompletionRequest
from eureka.types import Message
from eureka_openai import OpenAILLM
llm = OpenAILLM(OpenAILLM.Options(model="m", base_url="{server.url}/v1", use_n=False))
question = CompletionRequest(messages=(Message(role="user", content="hi"),), samples=(0, 1, 2), restart=0, iteration=0)
list(at_once([lambda: llm.eureka_complete(request=question)], 1))
"""
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ""})
    while len(server.asked) < 3:
        time.sleep(0.05)
        assert process.poll() is None, process.stderr.read().decode()
    interrupted = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate(timeout=20)[1]
    assert time.monotonic() - interrupted < 3
