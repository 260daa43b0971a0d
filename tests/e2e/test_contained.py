"""Rewards that pass every check and turn bad in a real training: each fails alone, for what it did, and the run goes on."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[1] / "corpus"
INDEX = {entry["name"]: entry for entry in json.loads((CORPUS / "index.json").read_text())["files"]}


def answer(*lines: str, arguments: str) -> str:
    """What a model would write."""
    body = "\n".join(f"    {line}" for line in lines)
    return f"This one keeps it up.\n\n```python\nimport numpy as np\n\ndef compute_reward({arguments}):\n{body}\n```\n"


# A policy that learns to keep the pole up gets into this window; random actions do not, nor do extreme values.
FAR = "far = (np.abs(cart_position) > 0.5) & (np.abs(cart_position) < 2.4)"
RETURN = "return upright, {'upright': upright}"
ANSWERS = {
    "upright": answer("upright = np.cos(pole_angle)", "return upright, {'upright': upright}", arguments="pole_angle"),
    **{name: (CORPUS / entry["file"]).read_text() for name, entry in INDEX.items() if entry["expected"] == "contained-runtime"},
    "nan": answer(FAR, "upright = np.where(far, np.nan, np.cos(pole_angle))", RETURN, arguments="pole_angle, cart_position, action"),
    "allocation": answer(
        FAR,
        "room = np.ones(int(far.sum()) * 10**11)",
        "upright = np.cos(pole_angle) + 0.0 * room.sum()",
        RETURN,
        arguments="pole_angle, cart_position",
    ),
    "centred": answer("centred = -np.abs(cart_position)", "return 1.0 + centred, {'centred': centred}", arguments="cart_position"),
}
LEARNS_FAST = {"learning_rate": 1e-3, "normalize_rewards": True}
NAMES = list(ANSWERS)
MARKS = [Path(entry["pwned_marker"]) for entry in INDEX.values() if entry["pwned_marker"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = sys.modules["tests.e2e.conftest"].Folder(tmp_path_factory.mktemp("contained"))
    for number, text in enumerate(ANSWERS.values()):
        folder.write(f"answers/{number}.txt", text)
    settings = {
        "task": "cartpole",
        "generator": "llm",
        "llm": {"use": "replay", "from": "answers"},
        "trainer": {"num_envs": 8, "n_steps": 64, "batch_size": 256, "n_epochs": 4, **LEARNS_FAST},
        "search": {"iterations": 1, "samples": len(ANSWERS), "retest": 0},
        "training": {"steps": 2048},
        "final": {"seeds": 0, "clip": False},
        "executor": {"use": "local", "slots": 1},  # all in one cohort
    }
    folder.write("config.yaml", settings)
    folder.marked_before = [mark for mark in MARKS if mark.exists()]
    done = folder.eureka("run", "config.yaml", "--run-dir", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    folder.printed = done.stdout
    return folder


@pytest.fixture(scope="module")
def outcomes(folder: Any) -> dict[str, Any]:
    by_id = {record["candidate"]: record for record in folder.journal("run", "outcome")}
    return {name: by_id.get(f"r0i0s{sample:02}") for sample, name in enumerate(NAMES)}


def test_all_of_them_pass_the_checks(folder: Any) -> None:
    verdicts = folder.journal("run", "verdict")
    assert [verdict["message"] for verdict in verdicts if not verdict["accepted"]] == []
    assert len(verdicts) == len(NAMES)


def test_the_good_ones_train_to_the_end_and_nothing_is_trained_twice(folder: Any, outcomes: dict[str, Any]) -> None:
    for name in ("upright", "centred"):
        assert outcomes[name]["status"] == "ok" and outcomes[name]["fitness"] >= 9
    assert len(list((folder.path / "run/jobs").glob("*-train"))) == 1  # one worker trained them all: nobody took it down
    results = folder.journal("run", "result")
    assert {result["steps"] for result in results if result["status"] == "ok"} == {2048}
    assert all("limits" in result["isolation"] for result in results)
    assert folder.summary("run")["best"]["id"] is not None


def test_what_is_not_finite_names_its_component_its_environment_step_and_what_was_there(outcomes: dict[str, Any]) -> None:
    error = outcomes["nan"]["error"]
    assert (outcomes["nan"]["status"], error["code"]) == ("failed", "non_finite")
    assert error["message"].startswith('component "upright" is nan in row '), error["message"]
    place = error["message"].partition("; that row is environment step ")[2]
    step, _, values = place.partition(", where ")
    position = re.search(r"cart_position = (\S+), action = ", values)
    assert 1 <= int(step.replace(",", "")) <= 2048 and position is not None and 0.5 <= abs(float(position[1])) <= 2.4, place


def test_what_asks_for_all_memory_fails_for_that_at_its_line(outcomes: dict[str, Any]) -> None:
    error = outcomes["allocation"]["error"]
    assert (outcomes["allocation"]["status"], error["code"], error["line"]) == ("failed", "memory", 5)


@pytest.mark.parametrize(("name", "code"), [("leak_slow", "memory"), ("nan_rare_runtime", "non_finite"), ("alloc_rare_runtime", "memory")])
def test_the_corpus_own_rewards_train_or_fail_for_what_they_are(outcomes: dict[str, Any], name: str, code: str) -> None:
    """Their windows are so narrow, and the leak so slow, that a short training may miss them."""
    outcome = outcomes[name]
    assert outcome["status"] == "ok" or outcome["error"]["code"] == code


def test_no_answer_of_the_corpus_left_its_mark(folder: Any) -> None:
    assert MARKS and [mark for mark in MARKS if mark.exists() and mark not in folder.marked_before] == []


def test_a_failure_is_one_line_for_whoever_watches(folder: Any) -> None:
    lines = [line for line in folder.printed.splitlines() if " failed" in line and line.startswith("r0i0s")]
    assert len(lines) == len([record for record in folder.journal("run", "outcome") if record["status"] == "failed"]) >= 2
