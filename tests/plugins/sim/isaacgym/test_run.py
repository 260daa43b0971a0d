"""Whole runs on the stand-in: a completion becomes a reward in a task, and a policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eureka.config import load_config, load_mapping
from eureka.errors import ConfigError
from eureka.session import start
from eureka.tasks import list_configs, list_tasks
from eureka_isaacgym.isaac_worker.protocol import read_json

from .conftest import ANSWER, DOUBLE, TREE

pytest.importorskip("rl_games")
pytest.importorskip("omegaconf")


@pytest.fixture
def run(tmp_path: Path, small_run: dict[str, Any]) -> Any:
    """Run a config with one answer; its directory."""

    def do(answer: str = ANSWER, name: str = "run", **changes: Any) -> Path:
        answers = tmp_path / "answers"
        answers.mkdir(exist_ok=True)
        (answers / "0.txt").write_text(answer)
        config = {**small_run, "llm": {"use": "replay", "from": str(answers)}, **changes}
        ending = start(load_mapping(config, "config", tmp_path), tmp_path / name)
        assert ending.code == 0, ending.message
        return tmp_path / name

    return do


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(str(folder / "result.json"))
    return found


@pytest.mark.slow
def test_a_completion_trains_and_its_checkpoint_is_fine_tuned_on(run: Any, small_run: dict[str, Any]) -> None:
    first = run() / "candidates" / "r0i0s00" / "training" / "0"
    told = result(first)
    assert (told["status"], told["reached"], told["isolation"], len(told["checkpoints"])) == ("ok", 1024, "torchscript", 2)
    assert set(told["checkpoints"][0]["components"]) == {"total", "upright", "centred", "still"}
    epochs = [json.loads(line) for line in (first / "epochs.jsonl").read_text().splitlines()]
    assert [epoch["steps"] for epoch in epochs] == [512, 1024] and "consecutive_successes" in epochs[0]["logged"]
    assert list((first / "rl_games" / "summaries").iterdir())
    policy = str(first / "checkpoint" / "policy.pth")
    trainer = {**small_run["trainer"], "load_checkpoint": policy}
    again = run(name="again", trainer=trainer, training={"steps": 1024, "checkpoints": 2, "segments": 2})
    folder = again / "candidates" / "r0i0s00" / "training"
    assert [result(folder / segment)["reached"] for segment in ("0", "1")] == [512, 1024]


@pytest.mark.slow
def test_a_search_starts_from_the_policy_and_the_reward_of_another(run: Any, small_run: dict[str, Any]) -> None:
    first = run()
    final = {"seeds": 1, "episodes": 2, "cache": False, "clip": False}
    second = run(name="second", search={**small_run["search"], "start": str(first)}, final=final)
    theirs, ours = (one / "candidates" / "r0i0s00" for one in (first, second))
    copied = second / "start" / "checkpoint" / "policy.pth"
    assert copied.read_bytes() == (theirs / "training" / "0" / "checkpoint" / "policy.pth").read_bytes()
    assert (ours / "reward.py").read_text() == (theirs / "reward.py").read_text()
    told = read_json(str(second / "summary.json"))["final"]
    assert told["best_started"]["failed"] == 0 and told["start"]["mean"] is not None
    begun = [(one / "training" / "0" / "epochs.jsonl").read_text().splitlines()[0] for one in (theirs, ours)]
    assert begun[0] != begun[1]  # the same reward on the same seed, but not from the same policy


@pytest.mark.slow
def test_a_simulator_that_does_not_start_for_a_training_is_started_again_and_nothing_is_held_against_the_candidate(
    run: Any, small_run: dict[str, Any], tmp_path: Path
) -> None:
    # Describing it and checking take a simulator each; the third is the training's first, and dies.
    starts, package = tmp_path / "starts", tmp_path / "fake" / "isaacgym"
    package.mkdir(parents=True)
    dies = f"import os, signal\nwith open({str(starts)!r}, 'a+') as file:\n    file.write('x')\n    file.seek(0)\n"
    dies += f"    if file.read() == 'xxx':\n        os.kill(os.getpid(), signal.SIGSEGV)\n__path__ = [{str(DOUBLE / 'isaacgym')!r}]\n"
    (package / "__init__.py").write_text(dies)
    sim = {**small_run["task"]["sim"], "pythonpath": [str(package.parent)]}
    told = result(run(task={**small_run["task"], "sim": sim}) / "candidates" / "r0i0s00" / "training" / "0")
    assert told["status"] == "ok" and len(starts.read_text()) == 4


@pytest.mark.slow
def test_the_final_evaluation_trains_the_human_reward_and_says_what_there_is_not(run: Any) -> None:
    summary = json.loads((run(final={"seeds": 1, "episodes": 2, "cache": False}) / "summary.json").read_text())
    final = summary["final"]
    assert final["best"]["seeds"][0] > 0 and final["human"]["seeds"][0] > 0
    assert final["human_normalised"]["score"] is None
    assert "over the means of 2 epochs" in final["correlation"]["why"] or final["correlation"]["score"] is None


@pytest.mark.slow
def test_a_training_in_which_no_episode_ends_fails_and_says_how_far_it_came(run: Any, small_run: dict[str, Any], tmp_path: Path) -> None:
    sim = {**small_run["task"]["sim"], "task": "Ant", "overrides": {"task.env.terminationHeight": -9.0}}
    task = {**small_run["task"], "sim": sim}
    answer = "```python\ndef compute_reward(potentials):\n    return potentials, {'v': potentials}```"
    with pytest.raises(AssertionError, match="no episode ended in 32 steps of each environment"):
        run(answer, task=task)
    assert result(tmp_path / "run" / "candidates" / "r0i0s00" / "training" / "0")["steps"] == 1024


@pytest.mark.slow
def test_cartpole_learns_to_balance_under_a_completion(run: Any, small_run: dict[str, Any]) -> None:
    trainer = {"use": "rl_games", "device": "cpu", "num_envs": 256, "params": {"config": {"minibatch_size": 4096}}}
    summary = json.loads((run(trainer=trainer, training={"steps": 245_760}) / "summary.json").read_text())
    assert summary["best"]["fitness"] >= 450


@pytest.mark.slow
def test_the_ant_of_many_bodies_trains_too(run: Any, small_run: dict[str, Any]) -> None:
    answer = (
        "```python\ndef compute_reward(potentials, prev_potentials):\n    v = potentials - prev_potentials\n    return v, {'v': v}\n```"
    )
    sim = {**small_run["task"]["sim"], "task": "Ant"}
    task = {**small_run["task"], "sim": sim, "fitness": {"value": "consecutive_successes", "fold": "mean"}}
    told = result(run(answer, task=task) / "candidates" / "r0i0s00" / "training" / "0")
    assert told["status"] == "ok" and told["checkpoints"][0]["components"]["v"] == pytest.approx(
        told["checkpoints"][0]["fitness"], abs=1e-3
    )


def test_every_shipped_task_and_config_is_one_of_isaacgyms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EUREKA_ISAACGYM_PYTHON", "/bin/sh")
    monkeypatch.setenv("EUREKA_ISAACGYM_ENVS", str(TREE))
    ours = [name for name in list_tasks() if name.startswith("isaacgym_")]
    assert len(ours) == 29 + 2  # the paper's, and two of pen spinning
    for name in ours:
        task = load_config(name, ["trainer=rl_games", "llm=manual"]).task
        assert task.name == name and task.sim.use == "isaacgym" and task.fitness.fold in ("last", "mean")
    for name in (config for config in list_configs() if config.startswith("isaacgym_")):
        assert load_config(name, ["llm=manual"]).isolation == "best-effort"


@pytest.mark.parametrize(
    ("place", "settings", "words"),
    [
        ("sim", {"task.env.numEnvs": 8}, "task.env.numEnvs would not be heeded: say trainer.num_envs"),
        ("sim", {"task.env": {"numEnvs": 8}}, "task.env.numEnvs would not be heeded"),
        ("sim", {"rl_device": "cpu"}, "rl_device would not be heeded: say trainer.device"),
        ("sim", {"train.params.config.max_epochs": 3}, "train.params.config.max_epochs would not be heeded: say training.steps"),
        ("trainer", {"seed": 3}, "seed would not be heeded: say seed, the run's own"),
        ("trainer", {"config": {"player": {"use_vecenv": False}}}, "config.player.use_vecenv would not be heeded"),
    ],
)
def test_a_setting_that_would_be_overwritten_is_refused_with_what_to_say(
    small_run: dict[str, Any], tmp_path: Path, place: str, settings: dict[str, Any], words: str
) -> None:
    if place == "sim":
        small_run["task"]["sim"]["overrides"] = settings
    else:
        small_run["trainer"]["params"] = settings
    with pytest.raises(ConfigError, match=words):
        load_mapping({**small_run, "llm": "manual"}, "config", tmp_path)


def test_without_an_interpreter_the_setting_and_the_variable_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EUREKA_ISAACGYM_PYTHON", raising=False)
    with pytest.raises(ConfigError, match=r"task\.sim.*python is not set; write it here, or set EUREKA_ISAACGYM_PYTHON"):
        load_config("isaacgym_ant", ["llm=manual"])


def test_an_interpreter_that_is_not_there_is_told_with_what_to_give(small_run: dict[str, Any], tmp_path: Path) -> None:
    small_run["task"]["sim"]["python"] = "no/such/python"
    with pytest.raises(ConfigError, match=r"task\.sim\.python: .*no/such/python is no program that can be run; give the interpreter"):
        load_mapping({**small_run, "llm": "manual"}, "config", tmp_path)
