from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import wandb

from eureka.config import load_config, to_yaml
from eureka.errors import ConfigError
from eureka.events import RunEnd, RunStart, StageStart
from eureka.types import CheckpointResult, TrainResult
from eureka_wandb import Wandb, content


@pytest.fixture
def start(fake):
    fake.run_dir.mkdir()
    (fake.run_dir / "config.yaml").write_text(to_yaml(load_config(str(fake.write()))))
    (fake.run_dir / "journal.jsonl").touch()
    fields = {"task": "point", "description": "", "generator": "llm", "designed_by": "", "resumed": False}
    return RunStart(run_dir=fake.run_dir, iterations=1, samples=1, restarts=1, steps_per_candidate=1, **fields)


class FakeRun:
    """Stands for the run at W&B, which may have some of its history already."""

    def __init__(self, starting_step=0, fails=False):
        self.starting_step, self.fails = starting_step, fails
        self.rows, self.config, self.summary = {}, SimpleNamespace(update=lambda *_, **__: None), {}

    def define_metric(self, pattern, step_metric):
        if self.fails:
            raise wandb.errors.CommError("the server is away: ask somebody.")

    def log(self, row, step, commit):
        assert commit and step not in self.rows
        self.rows[step] = row

    def finish(self, exit_code):
        self.exit_code = exit_code


def play(start, run, monkeypatch, status="ended", **options):
    """A session with three points; what W&B was told at its begin."""
    told = {}
    monkeypatch.setattr(wandb, "init", lambda **arguments: told.update(arguments) or run)
    monkeypatch.setattr("eureka_wandb.extension.refuse_without_key", lambda: None)
    extension = Wandb(Wandb.Options(**options))
    extension.eureka_on_run_start(start)
    extension.eureka_on_stage(StageStart(stage="generate"))
    points = tuple(CheckpointResult(index=k, steps=k, fitness=1.0 * k, length=1.0) for k in range(3))
    extension.eureka_on_record(TrainResult(trial="a", dir="a/0", spec="", status="ok", checkpoints=points))
    extension.eureka_on_run_end(RunEnd(run_dir=start.run_dir, status=status, summary={"best": 1}))
    return told


def test_online_a_resumed_run_goes_on_under_its_id_where_the_history_ends(start, monkeypatch):
    first = play(start, FakeRun(), monkeypatch, mode="online")
    run = FakeRun(starting_step=1)
    second = play(start, run, monkeypatch, mode="online")
    assert {step: row["a/fitness"] for step, row in run.rows.items()} == {1: 1.0, 2: 2.0}
    assert second["id"] == first["id"] and (second["resume"], second["mode"]) == ("allow", "online")


def test_options_reach_wandb(start, monkeypatch):
    told = play(start, FakeRun(), monkeypatch, project="p", entity="us", name="n", tags=["t"])
    assert {key: told[key] for key in ("project", "entity", "name", "tags", "mode", "resume")} == {
        "project": "p",
        "entity": "us",
        "name": "n",
        "tags": ("t",),
        "mode": "offline",
        "resume": None,
    }


@pytest.mark.parametrize(("status", "code"), [("ended", 0), ("interrupted", 0), ("stopped", 1), ("failed", 1)])
def test_how_the_run_ended_is_told(start, monkeypatch, status, code):
    run = FakeRun()
    play(start, run, monkeypatch, status=status)
    assert (run.exit_code, run.summary) == (code, {"status": status, "best": 1})


def test_a_fault_of_wandb_is_told_once_without_keys_and_ends_nothing(start, monkeypatch, caplog):
    monkeypatch.setenv("WANDB_API_KEY", "the server is away")  # as a message may repeat it
    play(start, FakeRun(fails=True), monkeypatch)
    assert [record.getMessage() for record in caplog.records] == [
        "wandb: [KEY]: ask somebody. The run goes on without it; a resume sends what is missing."
    ]


def test_disabled_leaves_nothing_and_needs_nothing(start, monkeypatch):
    monkeypatch.setattr("eureka_wandb.extension.find_spec", lambda name: None)
    assert play(start, None, monkeypatch, mode="disabled") == {}
    assert not (start.run_dir / "wandb").exists()


def test_without_the_library_nothing_begins(monkeypatch):
    monkeypatch.setattr("eureka_wandb.extension.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="needs the module wandb, which is missing: pip install eureka-plugin-wandb"):
        Wandb(Wandb.Options())


def test_online_without_a_key_is_an_error_and_no_question_and_offline_does_not_load_the_library(tmp_path):
    code = """
import sys
from eureka_wandb import Wandb
Wandb(Wandb.Options())
print("loaded" if "wandb" in sys.modules else "light")
try:
    Wandb(Wandb.Options(mode="online"))
except Exception as error:
    print(type(error).__name__, error)
"""
    terminal, ours = os.openpty()
    env = {"HOME": str(tmp_path), "NETRC": str(tmp_path / "none")}
    done = subprocess.run([sys.executable, "-c", code], env=env, stdin=ours, stdout=ours, stderr=ours, timeout=120)
    said = os.read(terminal, 4096).decode()
    os.close(ours), os.close(terminal)
    assert done.returncode == 0 and said.startswith(
        "light\r\nConfigError extensions: wandb has no key for mode: online. Give one with: export"
    ), said


def test_settings_that_are_named_or_look_like_secrets_are_not_sent(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "task: {sim: {kwargs: {password: hunter2, server: {token: abc}, seed: 1}}}\nllm: {use: x, note: sk-0123456789abcdef0123}\n"
    )
    assert content.settings(tmp_path) == {
        "task": {"sim": {"kwargs": {"password": "…", "server": {"token": "…"}, "seed": 1}}},
        "llm": {"use": "x", "note": "[KEY]"},
    }
