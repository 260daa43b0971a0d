"""The worker as a process, asked as the host asks it: bad input, and simulators that crash or hang."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eureka_isaacgym.sim import WORKER

from .conftest import TREE


def _old_python() -> str | None:
    """A Python 3.8 of this machine; what pyenv puts on the path may be there and not run."""
    for path in (shutil.which("python3.8"), *map(str, Path.home().glob(".pyenv/versions/3.8.*/bin/python"))):
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


OLD_PYTHON = _old_python()
TRAINER = {
    "use": "rl_games",
    "options": {"num_envs": None, "device": "cpu", "load_checkpoint": None, "keep_learning_rate": False, "params": {}},
}


@pytest.fixture
def work(tmp_path: Path, sim_options: dict[str, Any]) -> Any:
    """Have a worker do a job; its result. options: of the simulator, over those of the stand-in."""

    def do(op: str, options: dict[str, Any] | None = None, python: str = sys.executable, **job: Any) -> dict[str, Any]:
        folder = tmp_path / "job"
        folder.mkdir()
        sim = {"use": "isaacgym", "options": {"overrides": {}, "start_s": 60, **sim_options, **(options or {})}}
        fitness = {"value": "consecutive_successes", "fold": "last", "goal": "maximize"}
        task = {"name": "pole", "description": "Balance.", "sim": sim, "fitness": fitness}
        (folder / "job.json").write_text(json.dumps({"op": op, "run_dir": str(tmp_path), "seed": 0, "task": task, **job}))
        subprocess.run([python, "-I", str(WORKER), str(folder)], check=True, timeout=100)
        result: dict[str, Any] = json.loads((folder / "result.json").read_text())
        return result

    return do


@pytest.fixture
def fake(tmp_path: Path) -> Any:
    """A folder to import an `isaacgym` from that does what `code` says."""

    def make(code: str) -> dict[str, Any]:
        package = tmp_path / "fake" / "isaacgym"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)
        return {"pythonpath": [str(package.parent)]}

    return make


def trial(**more: Any) -> dict[str, Any]:
    """The parts of a `train` job with one trial."""
    one = {"id": "r0i0s00", "reward": "candidate", "code": "def compute_reward(dof_pos): ...", "seed": 1, "dir": "t/0", "start": None}
    budget = {"start": 0, "end": 512, "total": 512, "checkpoints": 1, "episodes": 2}
    return {"trials": [{**one, **more}], "budget": budget, "trainer": TRAINER, "specs": {"r0i0s00": "x"}, "keep_all": False}


def test_without_isaacgym_a_task_is_described_from_its_source_and_says_so(work: Any) -> None:
    result = work("describe", {"pythonpath": []})
    kinds = {v["name"]: v["type"] for v in result["context"]["variables"]}
    assert kinds == {"dof_pos": "Tensor", "dof_vel": "Tensor", "obs_buf": "Tensor", "progress_buf": "Tensor"}
    assert "nothing was measured" in result["context"]["warnings"][0]


@pytest.mark.skipif(OLD_PYTHON is None, reason="there is no Python 3.8 here")
def test_the_worker_runs_in_python_3_8(work: Any) -> None:
    assert OLD_PYTHON is not None
    result = work("describe", {"pythonpath": []}, python=OLD_PYTHON)
    assert [v["name"] for v in result["context"]["variables"]] == ["dof_pos", "dof_vel", "obs_buf", "progress_buf"]


@pytest.mark.skipif(OLD_PYTHON is None, reason="there is no Python 3.8 here")
def test_every_file_of_the_worker_is_python_3_8(tmp_path: Path) -> None:
    files = sorted(map(str, WORKER.glob("*.py")))
    code = "import sys\nfor name in sys.argv[1:]: compile(open(name, encoding='utf-8').read(), name, 'exec')"
    assert OLD_PYTHON is not None and len(files) > 10
    subprocess.run([OLD_PYTHON, "-c", code, *files], check=True)


def test_a_run_needs_what_trains_and_is_told_each_thing_that_is_missing(work: Any) -> None:
    result = work("describe", {"pythonpath": []}, trainer=TRAINER)
    assert result["error"] == "usage"
    assert "sim.python: cannot train in IsaacGym" in result["message"] and "isaacgym is missing: download" in result["message"]


def test_a_gpu_that_is_not_there_is_told_before_anything_is_spent(work: Any) -> None:
    if Path("/dev/nvidia0").exists():
        pytest.skip("there is a GPU here")
    on_gpu = {"use": "rl_games", "options": {**TRAINER["options"], "device": "cuda:0"}}  # type: ignore[dict-item]
    assert "there is no NVIDIA GPU here (no /dev/nvidia0), and trainer.device is cuda:0" in work("describe", trainer=on_gpu)["message"]


def test_isolation_that_cannot_be_kept_is_refused(work: Any) -> None:
    assert "isolation: require cannot be kept by sim isaacgym" in work("describe", isolation="require")["message"]


def test_a_checkout_that_is_none_and_a_task_that_is_not_there_are_usage_errors(work: Any, tmp_path: Path) -> None:
    assert work("describe", {"envs_path": str(tmp_path)})["message"].startswith("sim.envs_path: ")
    shutil.rmtree(tmp_path / "job")
    assert work("describe", {"task": "Hand"})["message"].startswith('sim.task: "Hand" is no task')


def test_a_simulator_that_crashes_as_it_starts_is_the_machines_fault_and_names_the_signal(work: Any, fake: Any) -> None:
    result = work("train", fake("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), **trial())
    assert (result["status"], result["error"]) == ("error", "crash")
    assert result["message"] == "the simulator did not start: the simulator's process was ended by SIGSEGV"


def test_a_simulator_that_hangs_as_it_starts_is_ended_and_told_with_the_setting(work: Any, fake: Any) -> None:
    result = work("train", {**fake("import time; time.sleep(600)"), "start_s": 0.5}, **trial())
    assert result["error"] == "usage"
    assert "was not ready after" in result["message"] and "(sim.start_s)" in result["message"]


def test_an_isaacgym_that_does_not_load_is_told_with_its_own_words(work: Any, fake: Any) -> None:
    result = work("train", fake("raise ImportError('libpython3.8.so.1.0: cannot open shared object file')"), **trial())
    assert result["error"] == "usage" and "libpython3.8.so.1.0: cannot open" in result["message"]


def test_there_is_no_sparse_reward_and_its_training_says_why(work: Any, tmp_path: Path) -> None:
    assert work("train", **trial(reward="fitness"))["status"] == "ok"
    result = json.loads((tmp_path / "t" / "0" / "result.json").read_text())
    assert result["status"] == "failed" and "there is no sparse reward" in result["error"]["message"]


def test_the_checkout_is_never_written_to(work: Any) -> None:
    before = {path: path.stat().st_mtime_ns for path in TREE.rglob("*")}
    work("describe", {"pythonpath": []})
    assert {path: path.stat().st_mtime_ns for path in TREE.rglob("*")} == before


def test_nothing_is_filmed_and_the_reason_is_given(work: Any) -> None:
    assert "draws nothing" in work("render")["message"]
