"""Runs whose rewards a model writes: the real libraries against local servers that speak the providers' formats."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from eureka.process import descendants
from servers.base import Reply, error
from servers.chat import chat_server, completion
from servers.messages import message, messages_server

EUREKA = str(Path(sys.executable).with_name("eureka"))
KEY = "sk-t7Rw2QzLx9Vb4NcM8dKfJ3hGp6Ys1Ae5"
REWARD = """```python
import numpy as np

def compute_reward(x, action):
    near = -np.abs(x) * {scale}
    return near, {{"near": near}}
```
"""


def rewards(asked, **more):
    """A program of its own for each choice."""
    number = next(_numbers)
    return completion(asked, [REWARD.format(scale=f"{number}.{k}5") for k in range(asked.body.get("n", 1))], **more)


def single(asked, **more):
    """One choice, whatever `n` says, as Ollama does."""
    return completion(asked, [REWARD.format(scale=f"{next(_numbers)}.5")], **more)


def one_message(asked, **more):
    return message(asked, REWARD.format(scale=f"{next(_numbers)}.5"), **more)


_numbers = iter(range(1, 10_000))


@pytest.fixture
def chat():
    server = chat_server()
    server.default = rewards
    yield server
    server.close()


@pytest.fixture
def messages():
    server = messages_server()
    server.default = one_message
    yield server
    server.close()


def openai(server, **options):
    return {"use": "openai", "base_url": f"{server.url}/v1", "model": "test-model", "price": {"input": 1, "output": 10}, **options}


def anthropic(server, **options):
    return {"use": "anthropic", "base_url": server.url, "model": "claude-test", "price": {"input": 1, "output": 10}, **options}


@pytest.fixture
def searched(fake, monkeypatch):
    """A search over the fake point, with a key in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    fake.settings.pop("llm")
    return fake


@pytest.mark.slow
def test_sixteen_samples_of_a_server_that_takes_two_seconds_take_less_than_six(searched, chat):
    chat.default, chat.latency = single, 2.0  # it ignores `n`: one call tells, fifteen follow at once
    done = searched.run(llm=openai(chat), search={"iterations": 1, "samples": 16, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    assert len(chat.asked) == 16
    assert json.loads((searched.run_dir / "summary.json").read_text())["seconds"]["llm"] < 6


@pytest.mark.slow
def test_eleven_of_sixteen_answers_are_kept_and_resume_asks_for_five(searched, chat):
    chat.default = single
    chat.script = [single] * 11 + [error(401, "no more")] * 5
    options = {"use_n": False, "parallel": 1}
    stopped = searched.run(llm=openai(chat, **options), search={"iterations": 1, "samples": 16, "retest": 0}, final={"seeds": 0})
    assert stopped.returncode == 1
    assert "OPENAI_API_KEY" in stopped.stderr and f"eureka resume {searched.run_dir}" in stopped.stderr
    assert "Traceback" not in stopped.stderr and len(searched.journal("completion")) == 11
    sent = len(chat.asked)
    assert sent == 12  # nothing more is sent once a key is refused
    chat.script.clear()
    resumed = searched.eureka("resume", searched.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert len(chat.asked) - sent == 5 and len(searched.journal("completion")) == 16
    assert searched.summary()["llm_calls"] == 16  # a call that was refused is not billed


@pytest.mark.parametrize("provider", ["openai", pytest.param("anthropic", marks=pytest.mark.slow)])
def test_a_cap_in_dollars_is_never_exceeded_and_leaves_a_usable_result(searched, chat, messages, provider):
    server, llm = (chat, openai(chat, max_tokens=1000)) if provider == "openai" else (messages, anthropic(messages, max_tokens=1000))
    server.default = (
        (lambda asked: rewards(asked, usage=(1000, 600))) if provider == "openai" else (lambda asked: one_message(asked, usage=(1000, 600)))
    )
    done = searched.run(llm=llm, budget={"cost_usd": 0.05}, search={"iterations": 9, "samples": 4})
    assert done.returncode == 0, done.stderr
    assert "budget.cost_usd" in done.stdout
    summary = searched.summary()
    assert 0.03 < summary["cost_usd"] <= 0.05
    assert summary["best"]["fitness"] is not None and (searched.run_dir / "best_reward.py").exists()


def leaked(data: bytes) -> list[str]:
    return [KEY[k : k + 8] for k in range(len(KEY) - 7) if KEY[k : k + 8].encode() in data]


def echo(asked):
    """A server that says everything it was told, as careless gateways do."""
    said = json.dumps(asked.headers)
    return error(401, f"Incorrect API key provided: {KEY[:14]}***{KEY[-9:]}. Headers: {said}")


def careless(asked):
    return completion(asked, [f"Your headers: {json.dumps(asked.headers)}\n{REWARD.format(scale=next(_numbers))}# {KEY[4:20]}\n"])


def careless_message(asked):
    return message(asked, f"Your headers: {json.dumps(asked.headers)}\n{REWARD.format(scale=next(_numbers))}# {KEY[4:20]}\n")


_SLOWER = (("anthropic", "--json"), ("openai", "--json"), ("openai", "--quiet"), ("anthropic", "--quiet"), ("anthropic", None))
_SLOW = [pytest.param(*both, marks=pytest.mark.slow) for both in _SLOWER]


@pytest.mark.parametrize(("provider", "mode"), [("openai", None), *_SLOW])
def test_no_piece_of_a_key_is_in_what_a_run_writes_prints_or_gives_its_children(searched, chat, messages, provider, mode):
    server = chat if provider == "openai" else messages
    llm = openai(chat, use_n=False, parallel=1) if provider == "openai" else anthropic(messages, parallel=1)
    answers = careless if provider == "openai" else careless_message
    server.script = [answers, answers, echo]
    searched.write(llm=llm, search={"iterations": 1, "samples": 3, "retest": 0}, final={"seeds": 0})
    seen: list[bytes] = []
    over = threading.Event()
    watch = threading.Thread(target=_environments, args=(seen, over))
    watch.start()
    try:
        outputs = [searched.eureka("run", searched.config, "--run-dir", searched.run_dir, *([mode] if mode else []))]
        assert outputs[0].returncode == 1  # the third answer was refused
        server.default = answers
        outputs.append(searched.eureka("resume", searched.run_dir))
        assert outputs[1].returncode == 0, outputs[1].stderr
    finally:
        over.set()
        watch.join()
    assert seen, "no worker was seen"
    written = [path for path in searched.run_dir.rglob("*") if path.is_file()]
    assert len(written) > 15
    for path in written:
        assert leaked(path.read_bytes()) == [], path
    for output in outputs:
        assert leaked((output.stdout + output.stderr).encode()) == []
    for environment in seen:
        assert leaked(environment) == []
    sent = [{k: v for k, v in one.headers.items() if k.lower() not in ("authorization", "x-api-key")} | one.body for one in server.asked]
    assert leaked(json.dumps(sent).encode()) == []


def _environments(seen: list[bytes], over: threading.Event) -> None:
    """The environments of all workers, zygotes and reward processes there are meanwhile."""
    while not over.is_set():
        for process in descendants(os.getpid()):
            try:
                command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
                if b"eureka.worker" in command or b"zygote" in command:
                    seen.append(Path(f"/proc/{process.pid}/environ").read_bytes() + command)
            except OSError:
                pass  # it has ended
        time.sleep(0.01)


def test_answers_of_a_server_that_cuts_them_off_or_sends_nonsense_are_asked_for_again(searched, chat):
    chat.script = [
        lambda asked: Reply(rewards(asked).body, cut=40),
        Reply(b"<html>busy</html>", headers={"Content-Type": "text/html"}),
        Reply(b'{"choices": [', headers={"Content-Type": "application/json"}),
        error(500, "oops", {"retry-after-ms": "1"}),
        error(429, "slow down", {"retry-after-ms": "1"}),
    ]
    done = searched.run(llm=openai(chat), search={"iterations": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    assert len(searched.journal("completion")) == 3 and searched.summary()["best"]["fitness"] is not None


@pytest.mark.slow
def test_a_finished_run_is_replayed_without_a_network_or_a_key(searched, chat, monkeypatch):
    first = searched.run(llm=openai(chat))
    assert first.returncode == 0, first.stderr
    chat.close()
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name)
    searched.settings["llm"] = {"use": "replay", "from": str(searched.run_dir)}
    again = searched.eureka("run", searched.write(), "--run-dir", searched.folder / "again")
    assert again.returncode == 0, again.stderr
    was, now = searched.summary(), searched.summary(searched.folder / "again")
    assert now["best"] == was["best"] and now["iterations"] == was["iterations"] and now["cost_usd"] == 0


def test_a_missing_key_is_named_before_anything_is_spent(searched, chat, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    refused = searched.run(llm={"use": "openai", "model": "gpt-test"})
    assert refused.returncode == 2 and "OPENAI_API_KEY" in refused.stderr and not searched.run_dir.exists()


def test_after_ctrl_c_only_what_was_sent_counts_as_spent(searched, chat):
    chat.script = [single, lambda asked: Reply(b"", hang=30)]
    llm = openai(chat, use_n=False, parallel=1)
    config = searched.write(llm=llm, search={"iterations": 1, "samples": 6, "retest": 0}, final={"seeds": 0})
    host = subprocess.Popen([EUREKA, "run", config, "--run-dir", searched.run_dir, "--quiet"], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while len(chat.asked) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    host.send_signal(signal.SIGINT)
    _, err = host.communicate(timeout=20)
    assert host.returncode == 130, err
    summary = searched.summary()
    assert (len(searched.journal("completion")), summary["unanswered"], summary["llm_calls"]) == (1, 1, 2)
    chat.script.clear()
    resumed = searched.eureka("resume", searched.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert (len(searched.journal("completion")), searched.summary()["llm_calls"]) == (6, 7)
    assert "6 answers of a model" in resumed.stdout and "1 more asked for that never came" in resumed.stdout


@pytest.mark.slow
def test_tries_that_broke_off_count_at_their_most(searched, chat):
    chat.script = [Reply(b'{"choices": [')] * 2
    done = searched.run(llm=openai(chat), search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    [asked], [answer] = searched.journal("asked"), searched.journal("completion")
    assert answer["lost_tries"] == 2
    summary = searched.summary()
    assert (summary["unanswered"], summary["tokens"]["unanswered_at_most"]) == (2, 2 * asked["max_tokens"])


def test_a_model_on_the_command_line_keeps_the_other_options_of_the_same_provider(searched, chat):
    config = searched.write(llm=openai(chat), search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0})
    done = searched.eureka("run", config, "--run-dir", searched.run_dir, "--model", "openai:another")
    assert done.returncode == 0, done.stderr
    assert [one.body["model"] for one in chat.asked] == ["another"]
