"""Environment steps a second of `sim: torch` in training, updates and rewards included, and memory, by the number of trials of a cohort.

.venv/bin/python benchmarks/torch_training.py --device cuda --trials 1 16
.venv/bin/python benchmarks/torch_training.py --envs 256 --trials 1 2 --updates 3        # a look, on any machine

Each cohort trains in a process of its own. What comes before a trial's first update has ended is not counted: compiling, opening a device.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import machine

from eureka.config import load_config
from eureka.job_types import TrainJob
from eureka.types import Budget, ComponentSpec, Trial
from eureka.worker import train
from eureka.worker.components import worker_hooks
from eureka.worker.protocol import Events
from eureka.worker.trial_run import TrialRun

HORIZON = 16
_PROGRAM = """
import torch

def compute_reward(pole_angle, pole_velocity, cart_position):
    upright = torch.exp(-{scale} * pole_angle ** 2)
    still = -0.01 * pole_velocity.abs() - 0.05 * cart_position ** 2
    return upright + still, {{"upright": upright, "still": still}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="of the simulator, the rewards and (rl_games) the networks: cpu, cuda, cuda:1")
    parser.add_argument("--trainer", choices=("rl_games", "population"), default="rl_games", help="population trains on the CPU")
    parser.add_argument("--envs", type=int, default=4096, help="rows of each trial (default 4096)")
    parser.add_argument("--trials", type=int, nargs="+", default=[1, 16], help="trials of a cohort (default 1 and 16)")
    parser.add_argument("--updates", type=int, default=20, help=f"of each trial, after rollouts of {HORIZON} steps (default 20)")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)  # of the one cohort that this process trains
    given = parser.parse_args()
    if given.updates < 2:
        parser.error("--updates: at least 2, since the first is not counted")
    if given.folder is not None:
        print(json.dumps(_cohort(given.folder, given.device, given.trainer, given.envs, given.trials[0], given.updates)))
        return
    print(f"{given.trainer}, sim.device {given.device}, {given.envs:,} environments of torch_cartpole a trial: {json.dumps(machine())}")
    print("| trials | steps/s | memory of the process | of the GPU | rewards held by |\n|---|---|---|---|---|")
    for count in given.trials:
        settings = ["--device", given.device, "--trainer", given.trainer, "--envs", str(given.envs), "--updates", str(given.updates)]
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--folder", folder, *settings, "--trials", str(count)]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
        gpu = f"{found['gpu_mb']:,.0f} MB" if found["gpu_mb"] else "–"
        print(f"| {count} | {found['steps_s']:,.0f} | {found['mb']:,.0f} MB | {gpu} | {found['held']} |", flush=True)


def _cohort(folder: Path, device: str, trainer: str, envs: int, count: int, updates: int) -> dict[str, Any]:
    """Train one cohort in this process, as a worker does."""
    import torch

    torch.set_num_threads(1)
    options: dict[str, Any] = {"num_envs": envs, "n_steps": HORIZON, "batch_size": envs * HORIZON // 4, "n_epochs": 4}
    if trainer == "rl_games":
        config = {"horizon_length": HORIZON, "minibatch_size": envs * HORIZON // 4, "mini_epochs": 4}
        options = {"num_envs": envs, "device": device, "params": {"config": config}}
    programs = [_PROGRAM.format(scale=1.0 + k) for k in range(count)]
    trials = [Trial(id=f"t{k}", reward="candidate", code=code, seed=k, dir=f"t{k}") for k, code in enumerate(programs)]
    steps, workdir = envs * HORIZON * updates, folder / "job"
    workdir.mkdir()
    job = TrainJob(
        run_dir=folder,
        task=load_config("torch_cartpole", [f"task.sim.device={device}", "isolation=best-effort"]).task,
        trainer=ComponentSpec(use=trainer, options=options),
        trials=tuple(trials),
        # One checkpoint, at the end: nothing is measured before.
        budget=Budget(start=0, end=steps, total=steps, checkpoints=1, episodes=2),
        isolation="best-effort",
        specs={trial.id: "" for trial in trials},
    )
    worker_hooks(job.task, job.trainer).hook.eureka_warm_up()
    told = _note_updates()
    done = train.run(job, workdir, Events(workdir))
    assert done.status == "ok" and not done.faults, done
    [held] = {_left(folder / trial.dir)["isolation"] for trial in trials}
    gpu = torch.cuda.max_memory_reserved() / 1e6 if device != "cpu" else 0.0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"steps_s": _speed(told), "mb": memory, "gpu_mb": gpu, "held": held}


def _left(trial: Path) -> dict[str, Any]:
    path = next(path for path in (trial / "result.json", trial / "unmeasured" / "trained.json") if path.exists())
    left: dict[str, Any] = json.loads(path.read_text())
    assert left["status"] == "ok", left
    return left


def _note_updates() -> dict[str, list[tuple[float, int]]]:
    """Trial → when each of its updates ended, and its steps by then, from now on. A run's own events are too seldom for a short look."""
    told: dict[str, list[tuple[float, int]]] = {}
    due = TrialRun.due

    def noted(self: TrialRun, steps: int) -> int:
        told.setdefault(self.trial.id, []).append((time.monotonic(), steps))
        return due(self, steps)

    TrialRun.due = noted  # type: ignore[method-assign]
    return told


def _speed(told: dict[str, list[tuple[float, int]]]) -> float:
    """Steps a second of all trials, from the end of each one's first update to that of its last."""
    steps = sum(points[-1][1] - points[0][1] for points in told.values())
    seconds, until = 0.0, 0.0
    for points in sorted(told.values()):
        begun, ended = max(points[0][0], until), points[-1][0]
        seconds, until = seconds + max(ended - begun, 0.0), max(until, ended)
    return steps / seconds


if __name__ == "__main__":
    main()
