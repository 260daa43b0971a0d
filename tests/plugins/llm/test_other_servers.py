"""The plugins against a server that is somebody else's: LLMock, which speaks OpenAI's and Anthropic's formats and breaks on demand."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from eureka.errors import ModelFault
from eureka_anthropic import AnthropicLLM
from eureka_openai import OpenAILLM
from servers.questions import ask, question

LLMOCK = Path(sys.executable).with_name("llmock")
WORDS = "The pole should be upright. `upright` is highest at zero angle, and falls on both sides.\n" * 5
REWARD = "```python\nimport numpy as np\n\ndef compute_reward(x, action):\n    near = -np.abs(x)\n    return near, {'near': near}\n```\n"


class LLMock:
    """The server, in a process of its own, told what to do over its own interface."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        command = [str(LLMOCK), "serve", "--host", "127.0.0.1", "--port", self.url.rpartition(":")[2], "--log-level", "error"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 60
        while True:
            try:
                self.get("/health")
                return
            except urllib.error.URLError:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.process.kill()
                    raise AssertionError(f"llmock did not start: {self.process.communicate()[1]}") from None
                time.sleep(0.1)

    def get(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def will(self, *behaviours: dict[str, Any]) -> None:
        """What the next requests meet; `times: None` is for ever."""
        self.get("/_llmock/scenario", {"behaviors": list(behaviours)})

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.get("/_llmock/requests")["requests"]

    def usage(self, request: dict[str, Any]) -> tuple[int, int]:
        """Tokens in and out, as it tells them when asked the same in one piece."""
        told = self.get(request["path"], {**request["body"], "stream": False})["usage"]
        return told.get("prompt_tokens") or told["input_tokens"], told.get("completion_tokens") or told["output_tokens"]

    @property
    def complaints(self) -> list[str]:
        """What it holds against its client, by its own rules."""
        return [finding["code"] for finding in self.get("/_llmock/verdict")["findings"]]

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def started():
    server = LLMock()
    yield server
    server.close()


@pytest.fixture
def llmock(started, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-t7Rw2QzLx9Vb4NcM8dKfJ3hGp6Ys1Ae5")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-t7Rw2QzLx9Vb4NcM8dKfJ3hGp6Ys1Ae5")
    started.get("/_llmock/reset", {})
    return started


def openai(llmock: LLMock, **options: Any) -> OpenAILLM:
    given = {"model": "gpt-4o", "base_url": f"{llmock.url}/v1", "max_retries": 2, "timeout_s": 10}
    return OpenAILLM(OpenAILLM.Options(**{**given, **options}))


def anthropic(llmock: LLMock, **options: Any) -> AnthropicLLM:
    given = {"model": "claude-sonnet-4-6", "base_url": f"{llmock.url}/anthropic", "max_retries": 2, "timeout_s": 10}
    return AnthropicLLM(AnthropicLLM.Options(**{**given, **options}))


def streamed(llmock: LLMock, **options: Any) -> OpenAILLM:
    return openai(llmock, stream=True, **options)


every = pytest.mark.parametrize("made", [openai, streamed, anthropic])


@every
def test_an_answer_is_whole_and_its_tokens_are_the_server_s(llmock, made):
    llmock.will({"type": "reply", "text": WORDS, "times": None})
    answers = ask(made(llmock), question(3))
    assert [answer.sample for answer in answers] == [0, 1, 2]
    assert {answer.text for answer in answers} == {WORDS}
    assert {answer.finish_reason for answer in answers} == {"stop"}
    asked = llmock.requests
    read, written = llmock.usage(asked[0])
    assert sum(answer.input_tokens for answer in answers) == read * len(asked) > 0
    assert sum(answer.output_tokens for answer in answers) == written * len(asked) > 0
    assert not llmock.complaints


@every
def test_a_rate_limit_is_waited_out_as_long_as_asked(llmock, made):
    llmock.will({"type": "fail", "status": 429, "retry_after": 1}, {"type": "reply", "text": WORDS})
    (answer,) = ask(made(llmock))
    assert answer.text == WORDS
    first, second = llmock.requests
    assert second["started_at"] - first["started_at"] >= 1
    assert not llmock.complaints


@every
def test_a_server_that_stays_broken_is_a_fault_after_the_tries_the_user_set(llmock, made):
    llmock.will({"type": "fail", "status": 500, "times": None})
    with pytest.raises(ModelFault, match=r"has a fault of its own after 2 tries \(500\)\. Raise llm\.max_retries, or try later") as raised:
        ask(made(llmock, max_retries=1))
    assert len(llmock.requests) == 2
    assert not raised.value.billed


@every
def test_a_key_that_is_refused_is_not_tried_again(llmock, made):
    llmock.will({"type": "fail", "status": 401, "times": None})
    with pytest.raises(ModelFault, match=r"does not accept the environment variable [A-Z]+_API_KEY \(401\)"):
        ask(made(llmock))
    assert len(llmock.requests) == 1
    assert not llmock.complaints


@pytest.mark.parametrize("made", [streamed, anthropic])
@pytest.mark.parametrize("kind", ["disconnect", "truncate", "malformed"])
def test_a_stream_that_breaks_is_never_taken_for_an_answer(llmock, made, kind):
    llmock.will({"type": "stream_fault", "kind": kind, "after_chunks": 3}, {"type": "reply", "text": WORDS, "times": None})
    (answer,) = ask(made(llmock))
    assert answer.text == WORDS
    assert len(llmock.requests) == 2
    with pytest.raises(ModelFault, match="gave no whole answer in one try") as raised:
        llmock.will({"type": "stream_fault", "kind": kind, "after_chunks": 3})
        ask(made(llmock, max_retries=0))
    assert raised.value.billed


def fake_run(folder: Path) -> Any:
    """The folder with fake parts that core's own tests use."""
    path = Path(__file__).parents[2] / "core" / "conftest.py"
    spec = importlib.util.spec_from_file_location("eureka_other_servers_core_conftest", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Fake(folder)


@pytest.mark.parametrize(
    "llm", [{"use": "openai", "base_url": "/v1"}, {"use": "anthropic", "base_url": "/anthropic"}], ids=lambda llm: llm["use"]
)
def test_a_whole_run_whose_rewards_the_server_writes(llmock, tmp_path, llm):
    llmock.will({"type": "fail", "status": 429, "retry_after": 1}, {"type": "reply", "text": REWARD, "times": None})
    fake = fake_run(tmp_path)
    fake.settings.pop("llm")
    done = fake.run(
        llm={**llm, "base_url": llmock.url + llm["base_url"], "model": "test-model", "price": {"input": 1, "output": 10}},
        search={"iterations": 1, "samples": 3, "retest": 0},
        final={"seeds": 0},
    )
    assert done.returncode == 0, done.stderr
    completions = fake.journal("completion")
    assert len(completions) == 3
    assert {completion["text"] for completion in completions} == {REWARD}
    assert all(completion["cost_usd"] > 0 for completion in completions)
    assert (fake.run_dir / "best_reward.py").is_file()
    assert not llmock.complaints
