"""Ollama frees the model's memory when training begins."""

from __future__ import annotations

import time

import pytest

from eureka.events import StageStart
from servers.base import Reply, error

UNLOADED = {"model": "qwen3-coder", "created_at": "2026-01-01T00:00:00Z", "response": "", "done": True, "done_reason": "unload"}


def test_the_model_is_unloaded_when_training_begins_and_at_no_other_stage(server, make):
    server.default = lambda asked: Reply(UNLOADED)
    llm = make(preset="ollama", model="qwen3-coder", keep_alive=0)
    for stage in ("context", "generate", "repair", "train", "reflect"):
        llm.eureka_on_stage(event=StageStart(stage=stage))
    assert [(asked.path, asked.body) for asked in server.asked] == [("/api/generate", {"model": "qwen3-coder", "keep_alive": 0})]


def test_without_the_option_nothing_is_sent(server, make):
    make(preset="ollama").eureka_on_stage(event=StageStart(stage="train"))  # a call without keep_alive would load the model
    assert server.asked == []


@pytest.mark.parametrize("reply", [error(404, "model 'm' not found"), error(500, "oops"), Reply(b"{not json")])
def test_a_model_that_cannot_be_unloaded_is_told_of_and_training_goes_on(server, make, reply, caplog):
    server.default = lambda asked: reply
    make(preset="ollama", keep_alive=0).eureka_on_stage(event=StageStart(stage="train"))
    assert "The model stays in memory while training goes on." in caplog.text and len(server.asked) == 1


def test_training_does_not_wait_for_a_server_that_sends_a_byte_now_and_then(server, make, monkeypatch, caplog):
    monkeypatch.setattr("eureka_openai.llm._UNLOAD_S", 0.5)
    server.default = lambda asked: Reply(b" " * 50, drip=0.1)
    started = time.monotonic()
    make(preset="ollama", keep_alive=0).eureka_on_stage(event=StageStart(stage="train"))
    assert "does not answer as Ollama does. The model stays in memory" in caplog.text and time.monotonic() - started < 3
