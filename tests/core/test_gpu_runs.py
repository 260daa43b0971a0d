"""Runs whose jobs are placed on GPUs, on a made-up driver: where each worker ran, what ran beside it, and what is refused first."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from eureka.worker.__main__ import _GPU_MEMORY

answer = sys.modules["tests.core.conftest"].answer
PARTS = Path(__file__).parent / "fakes" / "parts.py"
GPUS = [{"uuid": f"GPU-{letter}", "total": 40} for letter in "abc"]
ON_GPU = '''
import json, os, sys, time
sys.path.insert(0, {parts!r})
from parts import HillClimber
import eureka

class OutOfMemoryError(RuntimeError):
    """As torch's."""

class OnGpu(HillClimber):
    """Writes down which device a cohort trained on, and when; a reward with HUGE in it needs one to itself, ENORMOUS more than there is."""

    @eureka.hookimpl
    def eureka_train(self, job, tools):
        begun = time.monotonic()
        self.job = job
        try:
            return super().eureka_train(job, tools)
        finally:
            trials = "".join(trial.id[-1] for trial in job.trials)
            told = dict(trials=trials, gpu=os.environ["CUDA_VISIBLE_DEVICES"], alone=job.alone, begun=begun, ended=time.monotonic())
            with open({log!r}, "a") as file:
                print(json.dumps(told), file=file)

    def misbehave(self, code, steps, isolation):
        time.sleep(0.02)
        if "ENORMOUS" in code or ("HUGE" in code and not self.job.alone):
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 3.00 GiB.\\nGPU 0 has less.")
'''


def near(scale: int, word: str = "") -> str:
    return answer(f"near = -{scale} * np.abs(x)  # {word}\n    return near, {{'near': near}}")


@pytest.fixture
def on_gpus(fake, gpus):
    """A run of these rewards with these options of the executor, and what each cohort wrote down, by its beginning."""
    gpus.set(*GPUS)
    (fake.folder / "on_gpu.py").write_text(ON_GPU.format(parts=str(PARTS.parent), log=str(fake.folder / "gpus.log")))
    environ = {"XDG_CACHE_HOME": str(fake.folder / "cache"), **os.environ, **gpus.environ}

    def run(rewards, options, **env):
        fake.answers([rewards])
        settings = {"search": {"iterations": 1, "samples": len(rewards), "retest": 0}, "final": {"seeds": 0}, "training": {"steps": 200}}
        config = fake.write(trainer={"use": f"{fake.folder}/on_gpu.py:OnGpu"}, executor={"use": "local", **options}, **settings)
        done = fake.eureka("run", config, "--run-dir", fake.run_dir, env=environ | env)
        return done, sorted(map(json.loads, fake.log("gpus.log")), key=lambda cohort: cohort["begun"])

    return run


def test_jobs_get_visible_devices_that_hold_them_and_what_runs_out_of_memory_is_tried_again_alone(fake, on_gpus):
    options = {"slots": 5, "gpu_memory_gb": 25}
    done, cohorts = on_gpus([near(1), near(2, "HUGE"), near(3, "ENORMOUS")], options, CUDA_VISIBLE_DEVICES="2,GPU-b")
    assert done.returncode == 0, done.stderr
    # Two jobs fit at once, so there are two slots.
    tries = sorted((cohort["trials"], cohort["alone"]) for cohort in cohorts)
    assert tries == [("02", False), ("1", False), ("1", True), ("2", True), ("2", True)]
    assert {cohort["gpu"] for cohort in cohorts} == {"GPU-b", "GPU-c"}
    for one in cohorts:
        beside = [other for other in cohorts if other is not one and other["gpu"] == one["gpu"]]
        assert all(other["ended"] <= one["begun"] or other["begun"] >= one["ended"] for other in beside)
    outcomes = {record["candidate"][-1]: record for record in fake.journal("outcome")}
    assert {name: record["status"] for name, record in outcomes.items()} == {"0": "ok", "1": "ok", "2": "resource"}
    assert outcomes["2"]["error"]["message"] == "out of memory on the GPU: CUDA out of memory. Tried to allocate 3.00 GiB."
    logs = {path.parent.name[6:]: path.read_text() for path in fake.run_dir.glob("jobs/*/worker.log")}
    assert set(logs) == {"describe", "check", "train"}  # and nothing is kept warm: no two workers have the same environment
    assert all(logs[job].startswith("eureka: on H100 with 40.0 GB (GPU-") for job in ("describe", "train")) and "GPU" not in logs["check"]


def test_a_run_without_a_gpu_for_its_jobs_ends_before_anything_is_spent(fake, on_gpus, gpus):
    gpus.set({"uuid": "GPU-t", "name": "T400", "total": 4})
    done, _ = on_gpus([near(1)], {"gpu_memory_gb": 8})
    message = "executor.gpu_memory_gb: 8 GB for each job fit on no GPU here, even an empty one: T400 with 4.0 GB (GPU-t)."
    assert done.returncode == 2 and message in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not fake.run_dir.exists() and not fake.log("sales.log")


def test_a_config_whose_jobs_have_no_gpu_here_is_told_by_check_too(fake, gpus):
    gpus.fail("Driver Not Loaded")
    checked = fake.eureka("check", fake.write(executor={"use": "local", "gpu_memory_gb": 8}), env={**os.environ, **gpus.environ})
    assert checked.returncode == 2 and "driver does not answer (Driver Not Loaded)" in checked.stderr


@pytest.mark.parametrize(
    ("message", "is_memory"),
    [
        ("OutOfMemoryError: ", True),
        ("RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported", True),
        ("RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", True),
        ("RuntimeError: CUDA error: an illegal memory access was encountered", False),
        ("ValueError: the pole is out of memory", False),
    ],
)
def test_a_gpus_want_of_memory_is_told_from_other_errors_by_its_words(message, is_memory):
    assert bool(_GPU_MEMORY.match(message)) == is_memory
