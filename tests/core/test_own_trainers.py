"""A simulator with a worker of its own names the trainers it accepts, their options are its own, and what it cannot confine is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.config import load_mapping, to_yaml
from eureka.errors import ConfigError
from eureka.estimate import estimate
from eureka.journal import Journal
from eureka.reward_check import judge
from eureka.session import make_components, resume
from eureka.types import RunHeader, Verdict
from eureka.user_files import hashes

SIM = """
import pathlib
import sys

import eureka
from pydantic import Field


class Other(eureka.Component):
    class Options(eureka.Options):
        rows: int = Field(3, description="Rows.")
        params: dict = Field({}, description="Data.")


class Sim(eureka.Component):
    trainers = {"other_rl": Other}
    plays_checkpoints = False

    @eureka.hookimpl
    def eureka_worker(self, job):
        return [sys.executable, str(pathlib.Path(__file__).with_name("worker.py"))]
"""
WORKER = """
import json, os, sys, time

folder = sys.argv[1]
job = json.load(open(folder + "/job.json"))
with open(os.path.dirname(__file__) + "/jobs.jsonl", "a") as log:
    print(json.dumps([job["op"], job["isolation"], job["trainer"]]), file=log)
result = {"status": "ok"}
if job["op"] == "describe" and job["isolation"] == "require":
    result = {"status": "error", "error": "usage", "message": "isolation: require cannot be kept"}
elif job["op"] == "describe":
    variables = [{"name": "x", "type": "Tensor", "shape": []}]
    named = {"task": "t", "description": "d", "text": "", "has_prev": [], "array_library": "torch"}
    result["context"] = {**named, "variables": variables}
else:
    while not os.path.exists(folder + "/candidates.jsonl"):
        time.sleep(0.01)
    lines = []
    while "end" not in lines:
        answered, lines = len(lines), open(folder + "/candidates.jsonl").read().splitlines()
        with open(folder + "/verdicts.jsonl", "a") as file:
            for line in lines[answered:]:
                if line != "end":
                    print(json.dumps({"candidate": json.loads(line)["id"], "accepted": True, "isolation": "torchscript"}), file=file)
        time.sleep(0.01)
with open(folder + "/result.part", "w") as file:
    json.dump(result, file)
os.replace(folder + "/result.part", folder + "/result.json")
"""
ANSWER = "```python\nimport torch\n\ndef compute_reward(x):\n    near = -x.abs()\n    return near, {'near': near}\n```\n"


def config(folder: Path, trainer: object, only: set[str] | None = None) -> object:
    (folder / "sim.py").write_text(SIM)
    (folder / "worker.py").write_text(WORKER)
    task = {"name": "t", "description": "d", "sim": {"use": f"{folder / 'sim.py'}:Sim"}, "fitness": {"value": "score"}}
    return load_mapping({"task": task, "trainer": trainer}, "config", folder, only=only)


def test_its_trainers_need_no_component_and_their_options_are_filled_in(tmp_path: Path) -> None:
    loaded = config(tmp_path, {"use": "other_rl", "params": {"gamma": 0.9}})
    assert loaded.trainer.options == {"rows": 3, "params": {"gamma": 0.9}}  # type: ignore[attr-defined]
    assert "trainer" not in make_components(loaded)  # type: ignore[arg-type]


def test_another_trainer_is_refused_before_anything_is_spent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'does not accept "population"\. Valid: other_rl'):
        config(tmp_path, "population")


def test_a_wrong_option_of_an_accepted_trainer_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"trainer\.row: unknown key.* See: eureka plugins show sim:.*sim\.py:Sim"):
        config(tmp_path, {"use": "other_rl", "row": 3})


def test_its_trainers_options_are_shown_with_it_and_no_evaluation_is_reckoned_that_it_does_not_do(tmp_path: Path) -> None:
    loaded = config(tmp_path, "other_rl")
    shown = CliRunner().invoke(main, ["plugins", "show", f"sim:{tmp_path / 'sim.py'}:Sim"]).output
    assert "Options of trainer: other_rl" in shown and "Rows." in shown
    assert "none of evaluation before the final one, which takes at most 3,000,000" in " ".join(estimate(loaded, [], 1, None))  # type: ignore[arg-type]


def jobs(folder: Path) -> list[list[object]]:
    return [json.loads(line) for line in (folder / "jobs.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("trainer", "told"), [({"use": "other_rl", "rows": 5}, {"use": "other_rl", "options": {"rows": 5, "params": {}}}), ("population", None)]
)
def test_rewards_are_tried_under_the_options_of_a_trainer_that_it_accepts(tmp_path: Path, trainer: object, told: object) -> None:
    loaded = config(tmp_path, trainer, only={"sim", "executor", "generator"})
    (judged,) = judge(loaded, [ANSWER], "best-effort")  # type: ignore[arg-type]
    assert judged.accepted and judged.isolation == "torchscript"
    assert jobs(tmp_path) == [["describe", "best-effort", None], ["check", "best-effort", told]]


def test_what_it_cannot_confine_is_refused_before_a_program_is_loaded(tmp_path: Path) -> None:
    loaded = config(tmp_path, "other_rl", only={"sim", "executor", "generator"})
    with pytest.raises(ConfigError, match="isolation: require cannot be kept"):
        list(judge(loaded, [ANSWER], "require"))  # type: ignore[arg-type]
    assert jobs(tmp_path) == [["describe", "require", None]]


@pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")
def test_a_run_whose_rewards_it_did_not_confine_does_not_go_on_as_if_it_had(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    loaded = config(tmp_path, "other_rl")
    (run_dir / "config.yaml").write_text(to_yaml(loaded))  # type: ignore[arg-type]
    journal = Journal(run_dir)
    known = {"format": 1, "eureka": "0", "task": "t", "seed": 0, "config_sha256": "", "retest": 0, "versions": {}, "time": 0.0}
    journal.append(RunHeader.model_validate({**known, "files": hashes(loaded)}))  # type: ignore[arg-type]
    journal.append(Verdict(candidate="r0i0s00", accepted=True, isolation="torchscript"))
    journal.close()
    before = (run_dir / "journal.jsonl").read_bytes()
    with pytest.raises(ConfigError, match=r"isolation: require cannot be kept by sim .* held by torchscript"):
        resume(run_dir, ["isolation=require"])
    assert (run_dir / "journal.jsonl").read_bytes() == before and "require" not in (run_dir / "config.yaml").read_text()
