"""The worker as a process, asked as the host asks it: bad input, and simulators that crash or hang."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from eureka_isaacgym.isaac_worker.checkpoint_file import read
from eureka_isaacgym.sim import WORKER

from .conftest import DOUBLE, TREE


def _old_python(version: str) -> str | None:
    """A Python of this machine; what pyenv puts on the path may be there and not run."""
    for path in (shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))):
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


OLD_PYTHON = _old_python("3.8")
TRAINER = {
    "use": "rl_games",
    "options": {
        "num_envs": None,
        "num_envs_divided": 1,
        "device": "cpu",
        "load_checkpoint": None,
        "keep_learning_rate": False,
        "params": {},
    },
}


@pytest.fixture
def work(tmp_path: Path, sim_options: dict[str, Any]) -> Any:
    """Have a worker do a job; its result. options: of the simulator, over those of the stand-in. candidates: that a check is handed."""

    def do(
        op: str, options: dict[str, Any] | None = None, python: str = sys.executable, of_task: dict[str, Any] | None = None, **job: Any
    ) -> dict[str, Any]:
        folder = tmp_path / "job"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        sim = {"use": "isaacgym", "options": {"overrides": {}, "start_s": 60, **sim_options, **(options or {})}}
        fitness = {"value": "consecutive_successes", "fold": "last", "goal": "maximize"}
        task = {"name": "pole", "description": "Balance.", "sim": sim, "fitness": fitness, **(of_task or {})}
        (folder / "job.json").write_text(json.dumps({"op": op, "run_dir": str(tmp_path), "seed": 0, "task": task, **job}))
        lines = [*map(json.dumps, job.get("candidates", [])), "end\n"]
        (folder / "candidates.jsonl").write_text("\n".join(lines))
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


@pytest.mark.parametrize("version", ["3.6", "3.7"])
def test_an_older_python_is_told_in_a_line(work: Any, version: str) -> None:
    if (python := _old_python(version)) is None:
        pytest.skip(f"there is no Python {version} here")
    result = work("describe", python=python)
    assert result["error"] == "usage" and f"is Python {version}, and the worker needs 3.8 or later" in result["message"]


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


def test_what_is_installed_can_be_asked_of_an_interpreter_by_itself(tmp_path: Path, sim_options: dict[str, Any]) -> None:
    def probed(**job: Any) -> dict[str, Any]:
        (tmp_path / "job.json").write_text(json.dumps({"op": "probe", **job}))
        subprocess.run([sys.executable, "-I", str(WORKER), str(tmp_path)], check=True, timeout=60)
        return json.loads((tmp_path / "result.json").read_text())["probe"]  # type: ignore[no-any-return]

    alone = probed()
    assert alone["python"] == sys.executable and "isaacgym" not in alone["found"]
    assert [line for line in alone["missing"] if line.startswith("isaacgym is missing: download")]
    with_double = probed(task={"sim": {"options": sim_options}})
    assert with_double["missing"] == [] and with_double["found"]["isaacgym"].startswith(str(DOUBLE))


def test_a_gpu_that_is_not_there_is_told_before_anything_is_spent(work: Any) -> None:
    if Path("/dev/nvidia0").exists():
        pytest.skip("there is a GPU here")
    on_gpu = {"use": "rl_games", "options": {**TRAINER["options"], "device": "cuda:0"}}  # type: ignore[dict-item]
    assert "there is no NVIDIA GPU here (no /dev/nvidia0), and trainer.device is cuda:0" in work("describe", trainer=on_gpu)["message"]


@pytest.mark.slow
def test_settings_that_no_agent_can_be_made_with_are_told_before_anything_is_spent(work: Any, tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_text("no checkpoint")
    small = {"num_envs": 4, "params": {"config": {"minibatch_size": 64}}}
    for options, place in (
        ({**small, "load_checkpoint": str(tmp_path / "other.pth")}, "trainer.load_checkpoint: "),
        ({**small, "params": {**small["params"], "network": {"mlp": {"activation": "softly"}}}}, "trainer.params: rl_games cannot make"),  # type: ignore[dict-item]
    ):
        trainer = {"use": "rl_games", "options": {**TRAINER["options"], **options}}  # type: ignore[dict-item]
        result = work("describe", trainer=trainer, steps=1024)
        assert result["error"] == "usage" and result["message"].startswith(place), result


@pytest.mark.parametrize("op", ["describe", "check", "train"])
def test_isolation_that_cannot_be_kept_is_refused_before_any_candidate_is_loaded(work: Any, tmp_path: Path, op: str) -> None:
    result = work(op, isolation="require", **trial())
    assert result["error"] == "usage" and "isolation: require cannot be kept by sim isaacgym" in result["message"]
    assert not (tmp_path / "t").exists()


def test_what_a_task_holds_for_other_simulators_is_refused_by_its_key(tmp_path: Path, work: Any) -> None:
    assert work("describe", {"pythonpath": []}, of_task={"human": "mine.py"})["message"].startswith("human: mine.py is not heard")
    shutil.rmtree(tmp_path / "job")
    variables = {"height": {"from": "obs[0]"}}
    assert work("describe", {"pythonpath": []}, of_task={"variables": variables})["message"].startswith(
        "variables: height would be ignored"
    )


def test_a_checkout_that_is_none_and_a_task_that_is_not_there_are_usage_errors(work: Any, tmp_path: Path) -> None:
    assert work("describe", {"envs_path": str(tmp_path)})["message"].startswith("sim.envs_path: ")
    shutil.rmtree(tmp_path / "job")
    assert work("describe", {"task": "Hand"})["message"].startswith('sim.task: "Hand" is no task')


def test_a_simulator_that_crashes_as_it_starts_is_the_machines_fault_and_names_the_signal(work: Any, fake: Any, tmp_path: Path) -> None:
    result = work("train", fake("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), **trial())
    assert result["status"] == "ok"  # a trial of its `faults` is tried again, and its candidate never marked failed
    assert result["faults"] == {"r0i0s00": "the simulator did not start: the simulator's process was ended by SIGSEGV"}
    assert not (tmp_path / "t" / "0" / "result.json").exists()


@pytest.mark.parametrize(("signal", "why"), [("SIGSEGV", "was ended by SIGSEGV"), ("SIGKILL", "ran out of memory")])
def test_a_check_without_a_simulator_is_tried_twice_and_gives_no_verdict(
    work: Any, fake: Any, tmp_path: Path, signal: str, why: str
) -> None:
    count = tmp_path / "count"
    options = fake(f"import os, signal; open({str(count)!r}, 'a').write('x'); os.kill(os.getpid(), signal.{signal})")
    result = work("check", options, candidates=[{"id": "r0i0s00", "code": "def compute_reward(dof_pos): ..."}])
    assert result["error"] == "usage" and why in result["message"]
    assert result["message"].startswith("candidate r0i0s00 could not be tried, twice: the simulator did not start")
    assert count.read_text() == "xx" and (tmp_path / "job" / "verdicts.jsonl").read_text() == ""


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_check_that_runs_out_of_memory_is_tried_again_once_in_a_new_simulator(work: Any, fake: Any, tmp_path: Path, times: int) -> None:
    tries = tmp_path / "tries"
    code = f"""
        __path__ = [{str(DOUBLE / "isaacgym")!r}]
        from isaacgym import gymapi
        simulate = gymapi.Gym.simulate
        def short(*given):
            with open({str(tries)!r}, "a+") as file:
                file.write("x")
            if len(open({str(tries)!r}).read()) <= {times}:
                raise RuntimeError("CUDA out of memory")
            return simulate(*given)
        gymapi.Gym.simulate = short
    """
    good = "def compute_reward(dof_pos):\n    return dof_pos[:, 0], {'a': dof_pos[:, 0]}"
    result = work("check", fake(dedent(code)), candidates=[{"id": "r0i0s00", "code": good}])
    verdicts = [json.loads(line) for line in (tmp_path / "job" / "verdicts.jsonl").read_text().splitlines()]
    if times == 1:
        assert result["status"] == "ok" and [verdict["accepted"] for verdict in verdicts] == [True]
    else:
        assert result["error"] == "usage" and "twice: RuntimeError: CUDA out of memory; that is no verdict" in result["message"]
        assert verdicts == [] and tries.read_text() == "xx"


@pytest.mark.slow
def test_a_reward_that_wants_more_memory_than_there_is_for_four_environments_is_refused(work: Any, tmp_path: Path) -> None:
    code = "def compute_reward(dof_pos):\n    big = torch.zeros(1 << 48)\n    return dof_pos[:, 0] + big[0], {'a': big[:4]}"
    assert work("check", candidates=[{"id": "r0i0s00", "code": code}])["status"] == "ok"
    verdict = json.loads((tmp_path / "job" / "verdicts.jsonl").read_text())
    assert (verdict["accepted"], verdict["code"]) == (False, "memory") and "memory for 4 environments than there is" in verdict["message"]


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


@pytest.mark.slow
def test_what_is_trained_in_segments_is_one_training_and_its_policy_is_played_by_who_may(work: Any, tmp_path: Path) -> None:
    config = {"minibatch_size": 128, "mini_epochs": 1, "lr_schedule": "linear", "learning_rate": 1e-3}
    options = {**TRAINER["options"], "num_envs": 16, "num_envs_divided": 2, "params": {"config": config}}  # type: ignore[dict-item]
    trainer = {"use": "rl_games", "options": options}
    code = "def compute_reward(dof_pos):\n    near = -torch.abs(dof_pos[:, 1])\n    return near, {'near': near}"
    per_epoch, rates = 8 * 16, []
    for segment, end in enumerate((4 * per_epoch, 8 * per_epoch)):
        budget = {"start": 0, "end": end, "total": 8 * per_epoch, "checkpoints": 2, "episodes": 2}
        start = f"t/{segment - 1}" if segment else None
        given = {**trial(code=code, dir=f"t/{segment}", start=start), "budget": budget, "trainer": trainer}
        assert work("train", **given)["status"] == "ok"
        told = json.loads((tmp_path / "t" / str(segment) / "result.json").read_text())
        assert (told["status"], told["reached"]) == ("ok", end), told
        epochs = [json.loads(line) for line in (tmp_path / "t" / str(segment) / "epochs.jsonl").read_text().splitlines()]
        assert [epoch["epoch"] for epoch in epochs] == list(range(4 * segment + 1, 4 * segment + 5))
        saved = read(str(tmp_path / "t" / str(segment) / ("checkpoint" if segment else "state") / "policy.pth"), "a")
        rates.append(saved["optimizer"]["param_groups"][0]["lr"])
    assert 4e-4 < rates[0] < 6e-4 and rates[1] < 4e-4  # it falls over the whole training, half of it in each segment
    measured = {"checkpoints": [["t/1", "x"]], "seeds": [1, 2], "trainer": trainer}
    assert len(work("evaluate", **measured)["fresh"][0]["fitness"]) == 2
    events = [json.loads(line) for line in (tmp_path / "job" / "events.jsonl").read_text().splitlines()]
    assert next(event["steps"] for event in events if event["event"] == "alive") > 0  # or a long one would be taken for a hang
    description = tmp_path / "t" / "1" / "checkpoint" / "isaacgym.json"
    description.write_text(description.read_text().replace('"observations": [4]', '"observations": [5]'))
    refused = work("evaluate", **measured)
    assert refused["error"] == "usage" and "with observations [5] (task Cartpole" in refused["message"]


def test_nothing_is_filmed_and_the_reason_is_given(work: Any) -> None:
    assert "draws nothing" in work("render")["message"]
