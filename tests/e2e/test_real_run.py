"""Runs through the command line with Gymnasium and the default trainer: verdicts, replay, and numbers that depend on nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from eureka.reward_file import without_header


def answer(*lines: str, arguments: str) -> str:
    """What a model would write."""
    body = "\n".join(f"    {line}" for line in lines)
    return f"This one keeps it up.\n\n```python\nimport numpy as np\n\ndef compute_reward({arguments}):\n{body}\n```\n"


UPRIGHT = answer("upright = np.cos(pole_angle)", "return upright, {'upright': upright}", arguments="pole_angle")
CENTRED = answer(
    "upright, centred = 1.0 - np.abs(pole_angle) / 0.21, -np.abs(cart_position) / 2.4",
    "total = upright + 0.5 * centred - 5.0 * terminated",
    "return total, {'upright': upright, 'centred': centred}",
    arguments="pole_angle, cart_position, terminated",
)
BROKEN = answer("upright = pole_angle / scale", "return upright, {'upright': upright}", arguments="pole_angle")
UNKNOWN = answer("return pole_tilt, {'tilt': pole_tilt}", arguments="pole_tilt")
# Sound on random actions and far beyond, on which it is checked; in training it raises once the pole stays up for long enough to get there.
LATE = answer(
    "if ((np.abs(cart_position) > 0.5) & (np.abs(cart_position) < 2.4)).any():",
    "    raise ValueError('the cart is too far')",
    "upright = np.cos(pole_angle)",
    "return upright, {'upright': upright}",
    arguments="cart_position, pole_angle",
)
TRAINER = {"num_envs": 8, "n_steps": 64, "batch_size": 256, "n_epochs": 4, "learning_rate": 1e-3, "normalize_rewards": True}


def config(answers: str, **changes: Any) -> dict[str, Any]:
    settings = {
        "task": "cartpole",
        "generator": "llm",
        "llm": {"use": "replay", "from": answers},
        "trainer": TRAINER,
        "search": {"iterations": 1, "samples": 4, "retest": 0},
        "training": {"steps": 2048},
        "final": {"seeds": 0, "clip": False},
        "executor": {"use": "local", "slots": 1},  # a worker's start costs more than these trainings
    }
    for key, value in changes.items():
        settings[key] = {**settings.get(key, {}), **value}
    return settings


def checkpoints(folder: Any, run: str, trial: str) -> list[dict[str, Any]]:
    """A trial's measurements, segment after segment."""
    paths = sorted((folder.path / run / "candidates" / trial / "training").glob("*/result.json"))
    return [point for path in paths for point in json.loads(path.read_text())["checkpoints"]]


def without(summary: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in summary.items() if key not in keys}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return sys.modules["tests.e2e.conftest"].Folder(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def first(folder: Any) -> Any:
    """Two sound answers, one that raises, and one with an argument the task has not."""
    for name, text in zip("abcd", (UPRIGHT, BROKEN, CENTRED, UNKNOWN), strict=True):
        folder.write(f"answers/{name}.txt", text)
    folder.write("first.yaml", config("answers"))
    done = folder.eureka("run", "first.yaml", "--run-dir", "first")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done


def test_each_answer_gets_the_verdict_it_deserves(folder, first):
    verdicts = {verdict["candidate"]: verdict for verdict in folder.journal("first", "verdict")}
    assert {id_: verdict["accepted"] for id_, verdict in verdicts.items()} == {
        "r0i0s00": True,
        "r0i0s01": False,
        "r0i0s02": True,
        "r0i0s03": False,
    }
    broken, unknown = verdicts["r0i0s01"], verdicts["r0i0s03"]
    assert broken["stage"] == "static" and "`scale` is not defined" in broken["message"] and broken["line"] == 4
    assert unknown["stage"] == "static" and "pole_tilt" in unknown["message"] and "pole_angle" in unknown["message"]
    assert "r0i0s01 rejected (static, line 4): " in first.stdout
    summary = folder.summary("first")
    assert summary["candidates"] == {"accepted": 2, "rejected": 2, "failed": 0, "pruned": 0, "fewer_envs": 0, "repaired": 0, "identical": 0}
    assert summary["iterations"][0]["execute_rate"] == 0.5
    assert summary["best"]["id"] in ("r0i0s00", "r0i0s02")
    program = without_header((folder.path / "first" / "best_reward.py").read_text())
    assert program.startswith("import numpy as np\n\ndef compute_reward(")


def test_checkpoints_are_at_tenths_of_the_budget_on_full_episodes(folder, first):
    points = checkpoints(folder, "first", "r0i0s00")
    assert [point["steps"] for point in points] == [512, 1024, 1536, 2048]  # at the first update at or after k/10
    assert all(9 <= point["fitness"] <= 500 for point in points)


# In a process where opening a connection is an error.
OFFLINE = """
import socket, sys

def refused(*arguments, **keywords):
    raise AssertionError("a connection was opened")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refused
from eureka.cli import main
main()
"""


def test_replay_of_a_finished_run_asks_nobody_and_gives_the_same_summary(folder, first):
    folder.write("again.yaml", config("first"))
    folder.write("offline.py", OFFLINE)
    done = folder.command([sys.executable, "offline.py", "run", "again.yaml", "--run-dir", "again"])
    assert done.returncode == 0, done.stdout + done.stderr
    bill = ("seconds", "tokens", "cost_usd")
    assert without(folder.summary("again"), *bill) == without(folder.summary("first"), *bill)
    texts = [{(c["iteration"], c["sample"]): c["text"] for c in folder.journal(run, "completion")} for run in ("first", "again")]
    assert texts[0] == texts[1] and len(texts[0]) == 4
    assert {completion["provider"] for completion in folder.journal("again", "completion")} == {"replay"}


@pytest.mark.slow  # each trainer's tests ask it of the trainer
def test_a_trials_numbers_depend_neither_on_slots_nor_on_neighbours_failing_or_not(folder, first):
    # In `first` UPRIGHT and CENTRED were one batch. With two slots LATE and CENTRED are one, and UPRIGHT is alone.
    rounds = {"alone": ([CENTRED], 1), "beside": ([LATE, UPRIGHT, CENTRED], 2)}
    numbers = {"first": checkpoints(folder, "first", "r0i0s02")}
    for name, (answers, slots) in rounds.items():
        for index, text in enumerate(answers):
            folder.write(f"{name}/answers/{index}.txt", text)
        folder.write(f"{name}/config.yaml", config("answers", search={"samples": len(answers)}, executor={"slots": slots}))
        done = folder.eureka("run", f"{name}/config.yaml", "--run-dir", f"{name}/run")
        assert done.returncode == 0, done.stdout + done.stderr
        numbers[name] = checkpoints(folder, f"{name}/run", f"r0i0s{len(answers) - 1:02}")
    assert len(numbers["first"]) == 4
    assert numbers["alone"] == numbers["first"] == numbers["beside"]
    assert checkpoints(folder, "beside/run", "r0i0s01") == checkpoints(folder, "first", "r0i0s00")
    [late] = (outcome for outcome in folder.journal("beside/run", "outcome") if outcome["candidate"] == "r0i0s00")
    assert (late["status"], late["fitness"]) == ("failed", None)
    assert late["error"]["line"] == 5 and "the cart is too far" in late["error"]["message"]
    assert len(checkpoints(folder, "beside/run", "r0i0s00")) >= 1  # it had trained for a while


def test_a_training_cut_into_segments_gives_the_numbers_of_one_in_a_piece(folder, first):
    folder.write("segments.yaml", config("answers", training={"segments": 2}))
    done = folder.eureka("run", "segments.yaml", "--run-dir", "segments")
    assert done.returncode == 0, done.stdout + done.stderr
    for trial in ("r0i0s00", "r0i0s02"):
        assert len(list((folder.path / "segments/candidates" / trial / "training").glob("*/result.json"))) == 2
        assert checkpoints(folder, "segments", trial) == checkpoints(folder, "first", trial)


@pytest.mark.slow
def test_the_same_seed_twice_gives_the_same_summary(folder):
    settings = config("", search={"iterations": 2, "samples": 2}, training={"steps": 1024})
    folder.write("symbolic.yaml", without(settings, "generator", "llm"))
    for name in ("a", "b"):
        done = folder.eureka("run", "symbolic.yaml", "--run-dir", name, "--set", "seed=3")
        assert done.returncode == 0, done.stdout + done.stderr
    a, b = (without(folder.summary(name), "seconds") for name in "ab")
    assert a == b
    assert (folder.path / "a/best_reward.py").read_text() == (folder.path / "b/best_reward.py").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_shipped_config_finds_a_reward_that_balances_the_pole(folder):
    done = folder.eureka("run", "cartpole", "--run-dir", "demo", timeout=1100)
    assert done.returncode == 0, done.stdout + done.stderr
    final = folder.summary("demo")["final"]
    assert final["best"]["mean"] >= 450, Path(folder.path, "demo")
    assert len(final["best"]["seeds"]) == 5 and final["best"]["failed"] == 0
