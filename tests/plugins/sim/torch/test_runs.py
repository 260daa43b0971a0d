"""Whole runs with rewards written in torch: what a model would answer, and what core and trainer make of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

EUREKA = str(Path(sys.executable).with_name("eureka"))


def answer(arguments: str, *lines: str) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"This one.\n\n```python\nimport torch\n\n\ndef compute_reward({arguments}):\n{body}\n```\n"


UPRIGHT = answer(
    "pole_angle, cart_position, prev_cart_position, terminated",
    "upright = torch.exp(-4.0 * pole_angle ** 2)",
    "drift = -torch.abs(cart_position) + 0.1 * torch.abs(prev_cart_position)",
    "return upright + 0.1 * drift - 2.0 * terminated, {'upright': upright, 'drift': drift}",
)
# TorchScript has no dict comprehension with tensors of a list's names.
UNCOMPILED = answer(
    "pole_angle, pole_velocity",
    "parts = {name: -k * x.abs() for k, (name, x) in enumerate([('angle', pole_angle), ('speed', 0.1 * pole_velocity)], 1)}",
    "return sum(parts.values()), parts",
)
# Compiled it insists on the type that Python takes for a remark.
ANNOTATED = answer("pole_angle: float", "upright = -abs(pole_angle)", "return upright, {'upright': upright}")
ARRAYS = answer("pole_angle", "return pole_angle.numpy(), {'angle': pole_angle}")
TOO_MANY = answer("pole_angle", "return torch.stack((pole_angle, pole_angle), dim=1), {'angle': pole_angle}")


def run(folder: Path, answers: list[str], task: str = "torch_cartpole", **changes):
    """`eureka run` with these as the model's answers. The run's directory, and what was printed."""
    (folder / "answers").mkdir()
    for i, text in enumerate(answers):
        (folder / "answers" / f"{i}.txt").write_text(text)
    config = {
        "task": task,
        "generator": {"use": "llm", "repairs": 0},
        "llm": {"use": "replay", "from": "answers"},
        "trainer": {"num_envs": 64, "n_steps": 16, "batch_size": 256, "learning_rate": 1e-3, "n_epochs": 8, "normalize_rewards": True},
        "search": {"iterations": 1, "samples": len(answers), "retest": 0},
        "training": {"steps": 2048},
        "final": {"seeds": 0, "clip": False},
        "executor": {"use": "local", "slots": 1},
        **changes,
    }
    with (folder / "run.yaml").open("w") as file:
        YAML().dump(config, file)
    done = subprocess.run([EUREKA, "run", "run.yaml", "--run-dir", "out"], cwd=folder, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out", done.stdout


def records(out: Path, kind: str) -> list[dict]:
    return [r for line in (out / "journal.jsonl").read_text().splitlines() if (r := json.loads(line)).get("kind") == kind]


@pytest.mark.slow
def test_sound_answers_train_and_the_others_are_refused_with_words_for_a_model(tmp_path):
    out, printed = run(tmp_path, [UPRIGHT, UNCOMPILED, ARRAYS, TOO_MANY, ANNOTATED], extensions=["progress", "report"])
    verdicts = {verdict["candidate"][-2:]: verdict for verdict in records(out, "verdict")}
    assert [verdicts[f"0{i}"]["accepted"] for i in range(5)] == [True, True, False, False, True]
    gave_up = "it runs uncompiled, compiled it fails where Python does not: "
    assert gave_up in verdicts["04"]["message"] and gave_up in (out / "report.md").read_text()
    assert {o["candidate"]: o["remark"][: len(gave_up)] for o in records(out, "outcome") if o["remark"]} == {"r0i0s04": gave_up}
    assert verdicts["00"]["message"] == "" and "it runs uncompiled, TorchScript refuses it: " in verdicts["01"]["message"]
    assert "the attribute `numpy` is not allowed" in verdicts["02"]["message"] and "r0i0s01 accepted; it runs uncompiled" in printed
    assert "total has shape" in verdicts["03"]["message"] and verdicts["03"]["stage"] == "smoke"
    results = records(out, "result")
    assert {result["trial"] for result in results} == {"r0i0s00", "r0i0s01", "r0i0s04"} and all(
        result["status"] == "ok" for result in results
    )
    assert all(result["steps"] == 2048 and result["isolation"] for result in results)
    summary = json.loads((out / "summary.json").read_text())
    assert summary["candidates"]["rejected"] == 2 and summary["best"]["id"] in ("r0i0s00", "r0i0s01", "r0i0s04")
    (asked,) = records(out, "asked")
    told = " ".join(message["content"] for message in asked["messages"])
    assert "torch" in told and "class Cartpole(TorchEnv):" in told and "import numpy" not in told
    assert "import torch" in (out / "best_reward.py").read_text()


@pytest.mark.slow
def test_a_model_s_reward_balances_the_pole(tmp_path):
    out, printed = run(tmp_path, [UPRIGHT], training={"steps": 40960}, final={"seeds": 0})
    summary = json.loads((out / "summary.json").read_text())
    assert summary["best"]["fitness"] >= 480, printed
    (clip,) = records(out, "clip")
    assert "cannot draw its environments" in clip["why"]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "steps", "better"), [("torch_quadcopter", 409600, 0.5), ("torch_reorient", 204800, 10.0)])
def test_a_reward_in_torch_trains_a_flight_and_a_turn(tmp_path, task, steps, better):
    from eureka.config import load_config

    whole = load_config(task)
    human = Path(whole.task.human).read_text()
    trainer = {"num_envs": 128, "n_steps": 32, "batch_size": 512, "n_epochs": 5, "learning_rate": 1e-3}
    changes = {"trainer": {**trainer, "normalize_observations": True, "normalize_rewards": True}, "training": {"steps": steps}}
    out, _ = run(tmp_path, [f"```python\n{human}```\n"], task, **changes)
    fitness = whole.task.fitness
    assert fitness.score(json.loads((out / "summary.json").read_text())["best"]["fitness"]) > fitness.score(better)


@pytest.mark.slow
def test_rl_games_balances_512_poles_with_a_reward_from_an_answer(tmp_path):
    better = answer(
        "pole_angle, pole_velocity, cart_position, cart_velocity",
        "upright = torch.cos(pole_angle)",
        "still = -0.01 * pole_velocity ** 2 - 0.005 * torch.abs(cart_velocity)",
        "centred = -0.1 * cart_position ** 2",
        "return upright + still + centred, {'upright': upright, 'still': still, 'centred': centred}",
    )
    _, said = run(tmp_path, [better], trainer={"use": "rl_games", "num_envs": 512}, training={"steps": 491520})
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["best"]["fitness"] >= 480, said


HERE = '''
from eureka_torch import TorchSim


class Here(TorchSim):
    """Rewards in the worker that trains, as on a GPU."""

    reward_device = "cpu"
'''


def numbers(out: Path) -> tuple[dict, dict]:
    """Each trial's numbers, and the bytes of its episodes and weights."""
    chosen = ("status", "steps", "reached", "checkpoints", "evaluation_steps")
    files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.name in ("transitions.npz", "policy.npz")}
    return {one["dir"]: {key: one[key] for key in chosen} for one in records(out, "result")}, files


@pytest.mark.slow
@pytest.mark.parametrize("trainer", [None, {"use": "rl_games", "num_envs": 64}])
def test_on_the_cpu_the_way_of_a_gpu_gives_the_numbers_of_confined_rewards(tmp_path, trainer):
    from eureka.config import load_config

    (tmp_path / "here.py").write_text(HERE)
    task = load_config("torch_cartpole").task.model_dump(mode="json", by_alias=True)
    changes = {"isolation": "best-effort", "training": {"steps": 2048, "segments": [0.5]}, "final": {"seeds": 1, "clip": False}}
    changes |= {} if trainer is None else {"trainer": trainer}
    found = {}
    for name, use in (("apart", "torch"), ("here", f"{tmp_path / 'here.py'}:Here")):
        (tmp_path / name).mkdir()
        config = {**task, "sim": {"use": use, **task["sim"]["options"]}}
        out, _ = run(tmp_path / name, [UPRIGHT, UNCOMPILED], config, **changes)
        found[name] = numbers(out)
    assert found["here"] == found["apart"] and len(found["here"][0]) >= 8
