"""Cohorts trained through core's own tools, rewards in their confined processes: what each trial left behind, to compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from eureka.job_types import TrainJob
from eureka.types import Budget, ComponentSpec, Task, TrainResult, Trial
from eureka.worker import train
from eureka.worker.protocol import Events

CARTPOLE = {
    "name": "cartpole",
    "description": "",
    "sim": {"use": "gymnasium", "env": "CartPole-v1"},
    "variables": {"x": {"from": "obs[2]"}, "action": {"from": "action"}},
    "fitness": {"value": "length", "fold": "last"},
}
POINT = {
    "name": "point",
    "description": "",
    "variables": {"x": {"from": "x"}, "action": {"from": "action"}},
    "fitness": {"value": "native", "fold": "mean"},
}
QUICK = {"num_envs": 4, "n_steps": 16, "batch_size": 32, "n_epochs": 4, "learning_rate": 3e-3, "net_arch": (16,)}


@dataclass(frozen=True)
class Trained:
    """What one segment of a trial left: `result.json`, and the bytes of its best policy and of the state at its end."""

    result: TrainResult
    policy: bytes
    state: bytes

    @property
    def numbers(self):
        """All that may depend on nothing but the trial."""
        checkpoints = tuple(checkpoint.model_dump_json() for checkpoint in self.result.checkpoints)
        return self.result.status, self.result.steps, checkpoints, self.policy, self.state


class Lab:
    """`train(codes)` trains a cohort; `directory(...)` is where a trial's files are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.jobs = 0

    def train(
        self, codes, *, start=0, end=384, total=None, seed=7, after=None, task=None, sim=None, anew=None, policies=None, **options
    ) -> dict[str, Trained]:
        """codes: trial → `compute_reward`, or `fitness`. after: trial → number of the job it goes on from. All have one seed.
        anew: trial → what it begins anew. policies: trial → number of the job and name of the trial whose best policy it begins with.

        The total is more than the end unless it is given, so that a state is saved.
        """
        self.jobs += 1
        folder = self.path / str(self.jobs)
        folder.mkdir()
        if task is None:
            task = {**POINT, "sim": {"use": f"{Path(__file__).parent}/point.py:PointSim", **(sim or {})}}
        trials = []
        for id_, code in codes.items():
            before = f"{after[id_]}/{id_}" if after else None
            reward = "fitness" if code == "fitness" else "candidate"
            text = "" if reward == "fitness" else code
            policy = "{}/{}/checkpoint".format(*policies[id_]) if policies and id_ in policies else None
            begin = {"start": before, "anew": (anew or {}).get(id_, ()), "policy": policy}
            trials.append(Trial(id=id_, reward=reward, code=text, seed=seed, dir=f"{self.jobs}/{id_}", **begin))
        job = TrainJob(
            run_dir=self.path,
            task=Task.model_validate(task),
            trainer=ComponentSpec(use="population", options={**QUICK, **options}),
            trials=tuple(trials),
            budget=Budget(start=start, end=end, total=total or end + 1, checkpoints=5, episodes=3),
            isolation="require",
            specs=dict.fromkeys(codes, ""),
        )
        done = train.run(job, folder, Events(folder))
        assert done.status == "ok"
        return {id_: self._trained(self.path / str(self.jobs) / id_) for id_ in codes}

    def directory(self, job: int, trial: str) -> Path:
        return self.path / str(job) / trial

    def _trained(self, directory: Path) -> Trained:
        result = TrainResult.model_validate_json((directory / "result.json").read_bytes())
        kept = [directory / "checkpoint" / "policy.safetensors", directory / "state" / "state.safetensors"]
        return Trained(result, *(path.read_bytes() if path.exists() else b"" for path in kept))


def program(*body: str) -> str:
    return "import numpy as np\n\nCALLS = []\n\ndef compute_reward(x, action):\n" + "".join(f"    {line}\n" for line in body)


@pytest.fixture
def rewards():
    """Programs by what they do; `fails` computes two rollouts and breaks in the third, `near` is a good one on either task."""
    return {
        "near": program("return 1.0 - np.abs(x), {'near': -np.abs(x)}"),
        "far": program("return np.abs(x), {'far': np.abs(x)}"),
        "square": program("return -x**2 + 0.1 * action[:, 0], {'square': -x**2}"),
        "fails": program("CALLS.append(0)", "total = x / 1.0 if len(CALLS) < 3 else x[:, 5]", "return total, {'x': x}"),
        "no number": program("return np.log(x - x) - np.log(x - x), {'x': x}"),
        "large": program("return 1e39 * x, {'x': x}"),
        "huge": program("return 1e300 * x, {'x': x}"),
    }


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


@pytest.fixture
def cartpole():
    return CARTPOLE
