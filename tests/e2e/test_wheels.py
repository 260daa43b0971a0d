"""What is published: the wheels, installed where there is no clone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

TINY = (
    "search.iterations=1",
    "search.samples=2",
    "training.steps=1024",
    "search.retest=0",
    "final.seeds=1",
    "final.episodes=2",
    "final.clip=false",
)


def test_eureka_is_imported_from_its_wheel_and_not_from_the_clone(installation, tmp_path):
    simulators, trainers = ("gymnasium", "isaacgym", "torch"), ("population", "rl_games", "sb3")
    plugins = *simulators, *trainers, "human", "symbolic", "openai", "anthropic", "litellm", "tensorboard", "wandb"
    names = ("eureka", *(f"eureka_{plugin}" for plugin in plugins))
    code = f"import importlib; [print(importlib.import_module(n).__file__) for n in {names!r}]"
    done = installation.folder(tmp_path).command([str(installation.bin / "python"), "-c", code])
    assert done.returncode == 0, done.stderr
    inside = installation.bin.parent.resolve()
    assert [inside in Path(line).resolve().parents for line in done.stdout.splitlines()] == [True] * len(names)


def test_wheels_hold_their_data_and_nothing_of_the_tests(installation):
    contents = [name for wheel in installation.wheels.iterdir() for name in zipfile.ZipFile(wheel).namelist()]
    for needed in (
        "eureka/defaults.yaml",
        "eureka/prices.yaml",
        "eureka_gymnasium/envs/cartpole/task.yaml",
        "eureka_gymnasium/configs/cartpole.yaml",
        "eureka_torch/envs/torch_cartpole/cartpole.py",
        "eureka_torch/configs/torch_cartpole.yaml",
        "eureka_human/configs/human_feedback.yaml",
    ):
        assert needed in contents
    assert any(name.startswith("eureka/") and name.endswith("system.md") for name in contents)
    assert not [name for name in contents if "test" in Path(name).parts[0] or name.endswith(".pyc")]


def test_a_run_from_wheels_without_torch_leaves_what_outside_checks_rely_on(installation, tmp_path):
    folder = installation.folder(tmp_path)
    assert folder.command([str(installation.bin / "python"), "-c", "import torch"]).stderr.endswith("No module named 'torch'\n")
    done = folder.eureka("run", "cartpole", *(part for change in TINY for part in ("--set", change)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "designed by symbolic, no model" in done.stdout
    [run_dir] = (tmp_path / "runs").iterdir()  # where it goes unless told otherwise
    assert run_dir.name.startswith("cartpole-") and f"Everything is in {run_dir}" in done.stdout
    assert run_dir.stat().st_mode & 0o777 == 0o700
    for name in ("journal.jsonl", "config.yaml", "candidates", "inbox"):
        assert (run_dir / name).exists()
    compile((run_dir / "best_reward.py").read_text(), "best_reward.py", "exec")
    check_summary(json.loads((run_dir / "summary.json").read_text()))


def check_summary(summary: dict) -> None:
    number = (int, float)
    assert summary["best"]["id"] in ("r0i0s00", "r0i0s01") and isinstance(summary["best"]["fitness"], number)
    [row] = summary["iterations"]
    assert (row["restart"], row["index"]) == (0, 0)
    for key in ("best", "best_so_far", "execute_rate", "execute_rate_first_try"):
        assert isinstance(row[key], number), key
    counts = summary["candidates"]
    assert set(counts) == {"accepted", "rejected", "failed", "pruned", "fewer_envs", "repaired", "identical"}
    assert counts["accepted"] + counts["rejected"] == 2
    assert set(summary["env_steps"]) == {"training", "evaluation"}
    assert all(type(steps) is int and steps > 0 for steps in summary["env_steps"].values())
    assert set(summary["seconds"]) == {"total", "llm", "training", "evaluation", "people"}
    assert all(isinstance(seconds, number) and seconds >= 0 for seconds in summary["seconds"].values())
    assert all(count == 0 for count in summary["tokens"].values()) and summary["cost_usd"] == 0


def test_tasks_and_plugins_are_listed_from_the_wheels(installation, tmp_path):
    folder = installation.folder(tmp_path)
    tasks = folder.eureka("tasks")
    assert tasks.returncode == 0 and "cartpole" in tasks.stdout and "CartPole-v1" in tasks.stdout
    listed = folder.eureka("plugins", "--json")
    assert listed.returncode == 0
    assert {(row["kind"], row["name"], row["dist"]) for row in json.loads(listed.stdout)} >= {
        ("sim", "gymnasium", "eureka-plugin-gymnasium"),
        ("generator", "llm", "eureka-core"),
        ("generator", "symbolic", "eureka-plugin-symbolic"),
        ("llm", "replay", "eureka-core"),
        ("trainer", "population", "eureka-plugin-population"),
        ("trainer", "rl_games", "eureka-plugin-rl-games"),
        ("trainer", "sb3", "eureka-plugin-sb3"),
        ("feedback", "human", "eureka-plugin-human"),
        ("pruner", "none", "eureka-core"),
        ("pruner", "successive-halving", "eureka-core"),
        ("selector", "best", "eureka-core"),
        ("selector", "human", "eureka-plugin-human"),
        ("reflector", "none", "eureka-core"),
        ("reflector", "reward-components", "eureka-core"),
        ("executor", "local", "eureka-core"),
        ("extensions", "progress", "eureka-core"),
        ("extensions", "report", "eureka-core"),
    }


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "cartpole")])
def test_commands_that_run_nothing_work_from_wheels(installation, tmp_path, arguments):
    done = installation.folder(tmp_path).eureka(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
