"""Rewards that are computed in the worker that trains: who measures, what a killed run does again, and what such a worker may do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.core.test_faults import near, settings

from eureka.builtin.task_text import variables_text
from eureka.types import EnvContext

conftest = sys.modules["tests.core.conftest"]
answer = conftest.answer
ONE_SLOT = {"use": "local", "slots": 1}
PARTS = Path(__file__).parent / "fakes" / "parts.py"
NEAR = answer("near = -np.abs(x)\n    return near, {'near': near}")
SMALL = answer("near, small = -(x**2), -0.01 * action[:, 0] ** 2\n    return near + small, {'near': near, 'small': small}")
# As many rows as a rollout of the trainer has, and no batch that it is tried on before.
RAISES = answer("far = np.abs(x)\n    return (far[:3] if len(x) == 20 else far), {'far': far}")
CRASHES = answer("near = -2 * np.abs(x)  # CRASH\n    return near, {'near': near}")
CHOSEN = {"steps", "reached", "checkpoints", "evaluation_steps", "status", "error", "dir", "trial"}

CONTEXT = EnvContext(task="t", description="d", text="", variables=(), has_prev=(), array_library="torch")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")


@pytest.fixture
def here(fake):
    """A run in a folder of its own whose rewards are computed in the worker, or, for comparison, in processes of their own."""

    def write(sim: str = "PointSimWithRewards", **changes):
        # The trainer's log is beside the run, where a worker with rewards in it may not write.
        settings = {"isolation": "best-effort", "keep": {"checkpoints": "all"}, "trainer": {"log": None}, **changes}
        return fake.write(task={**fake.settings["task"], "sim": {"use": f"{PARTS}:{sim}"}}, **settings)

    return write


def run(fake, config: Path, name: str) -> Path:
    done = fake.eureka("run", config, "--run-dir", fake.folder / name)
    assert done.returncode == 0, done.stderr + done.stdout
    return fake.folder / name


def cohorts(folder: Path, op: str = "train") -> list[str]:
    """The numbers of the samples in every job of an operation, in the order of the jobs."""
    jobs = [json.loads(path.read_text()) for path in sorted(folder.glob(f"jobs/*-{op}/job.json"))]
    return ["".join(trial["id"][-1] for trial in job["trials"]) for job in jobs]


def kill_once_trained(fake, config: Path) -> Path:
    """A run whose host was killed when the first training that is still to be measured had ended."""
    folder = fake.folder / "killed"
    process = subprocess.Popen([conftest.EUREKA, "run", str(config), "--run-dir", str(folder)], cwd=fake.folder, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(folder.glob("candidates/*/training/0/unmeasured/trained.json")) and time.monotonic() < until:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not fake.wait_until_gone()
    return folder


def numbers(fake, folder: Path) -> dict[str, dict]:
    """Of each trial: what its numbers are."""
    return {record["dir"]: {key: record[key] for key in CHOSEN} for record in fake.journal("result", folder)}


def saved(folder: Path) -> dict[str, bytes]:
    kept = ("transitions.npz", "gain", "checkpoint.json", "env", "trainer")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.name in kept}


def test_its_numbers_are_those_of_rewards_in_processes_and_another_worker_measures(fake, here):
    fake.answers([[NEAR, SMALL, NEAR], [SMALL, NEAR, SMALL]])
    segments = {"training": {"steps": 200, "segments": [0.5]}}
    ours = run(fake, here(**segments), "here")
    theirs = run(fake, here("PointSim", **segments), "apart")
    assert numbers(fake, ours) == numbers(fake, theirs) and len(numbers(fake, ours)) > 6
    assert saved(ours) == saved(theirs) and any("checkpoints/" in name for name in saved(ours))
    assert [r["fitness"] for r in fake.journal("outcome", ours)] == [r["fitness"] for r in fake.journal("outcome", theirs)]
    jobs = {json.loads(path.read_text())["op"]: json.loads(path.read_text()) for path in ours.glob("jobs/*/job.json")}
    assert "measure" in jobs and not any(trial["code"] for trial in jobs["measure"]["trials"])
    assert not list(ours.rglob("unmeasured"))
    held = {record["isolation"] for record in fake.journal("result", ours)}
    assert held <= {"worker:landlock", "worker:none", "trusted"} and held - {"trusted"}


def test_a_worker_with_rewards_in_it_writes_nowhere_else(fake, here):
    fake.answers([[NEAR]])
    alone = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 0}}
    ours = run(fake, here(**alone, trainer={"log": str(fake.folder / "trained.log")}), "here")
    if fake.journal("result", ours)[0]["isolation"] == "worker:none":
        pytest.skip("no Landlock here")
    assert not fake.log("trained.log")
    [log] = [path.read_text() for path in ours.glob("jobs/*-train/worker.log")]
    assert "PermissionError" in log and "trained.log" in log


def test_confinement_is_refused_before_and_on_resume(fake, here):
    fake.answers([[NEAR]])
    alone = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 0}}
    refused = fake.eureka("run", here(**alone, isolation="require"), "--run-dir", fake.run_dir)
    words = "isolation: require cannot be kept by sim"
    assert refused.returncode == 2 and words in refused.stderr and not fake.run_dir.exists() and not fake.log("sales.log")
    ours = run(fake, here(**alone), "here")
    resumed = fake.eureka("resume", ours, "--set", "isolation=require")
    assert resumed.returncode == 2 and words in resumed.stderr and "Traceback" not in resumed.stderr


def test_what_measures_gets_a_gpu_like_what_trains(fake, here, gpus):
    gpus.set({"uuid": "GPU-a", "total": 40})
    fake.answers([[NEAR]])
    config = here(search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0}, executor={"use": "local", "gpu_memory_gb": 25})
    environ = {"XDG_CACHE_HOME": str(fake.folder / "cache"), **os.environ, **gpus.environ}
    done = fake.eureka("run", config, "--run-dir", fake.run_dir, env=environ)
    assert done.returncode == 0, done.stderr
    assert "Rewards are tried in processes of their own" in done.stdout and "In training they run on cpu, in the worker" in done.stdout
    logs = {path.parent.name[6:]: path.read_text() for path in fake.run_dir.glob("jobs/*/worker.log")}
    assert all(logs[job].startswith("eureka: on H100 with 40.0 GB (GPU-a)") for job in ("train", "measure"))


@pytest.mark.parametrize("device", [None, "cuda:0"])
def test_a_model_is_told_where_to_make_tensors_where_that_matters(device):
    told = variables_text(CONTEXT.model_copy(update={"reward_device": device}))
    assert ("Make every tensor you create on an argument's device" in told) == (device is not None)


def test_a_program_that_fails_or_crashes_the_worker_fails_alone(fake, here):
    fake.answers([[CRASHES, NEAR, RAISES]])
    ours = run(fake, here(search={"iterations": 1, "samples": 3, "retest": 0}, final={"seeds": 0}), "here")
    outcomes = {record["candidate"][-1]: record for record in fake.journal("outcome", ours)}
    assert {name: record["status"] for name, record in outcomes.items()} == {"0": "failed", "1": "ok", "2": "failed"}
    assert outcomes["0"]["error"]["code"] == "crash"
    assert outcomes["2"]["error"]["message"] == "after 20 environment steps: total has shape (3,); expected (20,)"


def test_those_that_had_not_begun_when_another_crashed_go_on_together(fake, here):
    fake.answers([[near(1), near(2, "CRASH"), near(3), near(4)]])
    ours = run(fake, here(**settings(4), executor=ONE_SLOT), "here")
    assert [record["status"] for record in sorted(fake.journal("outcome", ours), key=str)] == ["ok", "failed", "ok", "ok"]
    assert cohorts(ours) == ["0123", "1", "23"]


def test_out_of_memory_in_measuring_is_tried_again_and_nothing_is_trained_with_fewer_environments_for_it(fake, here):
    fake.answers([[near(1)]])
    config = here(**settings(1), trainer={**fake.settings["trainer"], "use": f"{PARTS}:UnmeasurableClimber", "log": None})
    done = fake.eureka("run", config, "--run-dir", fake.run_dir)
    assert done.returncode == 1 and "the machine's fault: out of memory" in done.stdout
    assert cohorts(fake.run_dir) == ["0"] and cohorts(fake.run_dir, "measure") == ["0"] * 3


def test_a_run_killed_before_measuring_what_had_fewer_environments_only_measures_it(fake, here):
    fake.answers([[near(1, "ROOM FOR 3")]])
    config = here(**settings(1), trainer={**fake.settings["trainer"], "use": f"{PARTS}:ShrinkingClimber", "log": None})
    folder = kill_once_trained(fake, config)
    assert list(folder.rglob("trained.json"))
    done = fake.eureka("resume", folder)
    assert done.returncode == 0, done.stderr
    assert cohorts(folder) == ["0"] * 4  # with all environments thrice, with half of them, and never again
    assert [record["num_envs_divided"] for record in fake.journal("result", folder)] == [2]


def test_a_run_killed_between_training_and_measuring_only_measures(fake, here):
    fake.answers([[NEAR, SMALL, NEAR]])
    config = here(search={"iterations": 1, "samples": 3, "retest": 0}, final={"seeds": 0}, executor={"use": "local", "slots": 1})
    whole = run(fake, config, "whole")
    folder = kill_once_trained(fake, config)
    left = list(folder.rglob("trained.json"))
    done = fake.eureka("resume", folder)
    assert done.returncode == 0, done.stderr
    assert numbers(fake, folder) == numbers(fake, whole)
    jobs = [json.loads(path.read_text()) for path in sorted(folder.glob("jobs/*/job.json"))]
    trained = [trial["id"] for job in jobs if job["op"] == "train" for trial in job["trials"]]
    assert len(trained) == 2 + 2 - len(left)  # two programs that differ, and again what had not come to its end
    assert [job["op"] for job in jobs].index("measure") > 0 and not list(folder.rglob("trained.json"))
