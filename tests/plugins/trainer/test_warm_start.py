"""What a policy knows is there from the first step on: CartPole begun with a trained policy, under each trainer."""

from __future__ import annotations

import sys

import pytest

from eureka.job_types import TrainJob
from eureka.types import Budget, ComponentSpec, Task, TrainResult, Trial
from eureka.worker import train
from eureka.worker.protocol import Events

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

CARTPOLE = Task(
    name="cartpole",
    description="",
    sim=ComponentSpec(use="gymnasium", options={"env": "CartPole-v1"}),
    variables={},
    fitness={"value": "native"},
)
TRAINERS = {
    "population": {"num_envs": 8, "n_steps": 64, "batch_size": 128, "learning_rate": 1e-3, "normalize_observations": True},
    "sb3": {"num_envs": 8, "n_steps": 64, "batch_size": 128, "learning_rate": 1e-3, "normalize_observations": True},
    "rl_games": {"params": {"config": {"horizon_length": 32, "learning_rate": 1e-3}}},
}


@pytest.mark.slow
@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_warm_training_is_at_once_better_than_its_beginning_from_scratch(tmp_path, trainer):
    def fitness(id_, seed, steps, policy=None):
        job = TrainJob(
            run_dir=tmp_path,
            task=CARTPOLE,
            trainer=ComponentSpec(use=trainer, options=TRAINERS[trainer]),
            trials=(Trial(id=id_, reward="fitness", seed=seed, dir=id_, policy=policy),),
            budget=Budget(start=0, end=steps, total=steps, episodes=10),
            isolation="require",
            specs={id_: ""},
        )
        folder = tmp_path / f"job-{id_}"
        folder.mkdir()
        assert train.run(job, folder, Events(folder)).status == "ok"
        result = TrainResult.model_validate_json((tmp_path / id_ / "result.json").read_bytes())
        return [checkpoint.fitness for checkpoint in result.checkpoints]

    first = fitness("first", 1, 40_960)
    scratch, warm = fitness("scratch", 2, 5_120), fitness("warm", 2, 5_120, "first/checkpoint")
    assert max(first) > 300 > max(scratch)
    assert warm[0] > 2 * max(scratch)
