"""Trainings of the point on a line, and what of every policy is kept to compare."""

from __future__ import annotations

import types
from dataclasses import dataclass, field

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka_sb3 import SB3Trainer
from plugins.trainer import toy


@dataclass
class Tools(toy.Tools):
    """every: keep the weights of the first update at or after every so many steps."""

    every: int = 1
    kept: dict[str, int] = field(default_factory=dict)

    def keep(self, trial, steps, policy):
        if steps // self.every == self.kept.get(trial, -1):
            return
        self.kept[trial] = steps // self.every
        with np.load(self.saved(trial, steps, policy) / "policy.npz", allow_pickle=False) as archive:
            arrays = {name: archive[name].tobytes() for name in archive.files}
        self.updates.setdefault(trial, []).append((steps, arrays))


QUICK = {"num_envs": 4, "n_steps": 16, "batch_size": 32, "n_epochs": 4, "learning_rate": 3e-3, "net_arch": (16,)}
QUICK_OFF_POLICY = {"num_envs": 4, "batch_size": 32, "learning_rate": 3e-3, "net_arch": (16,), "learning_starts": 64, "buffer_size": 2000}
OFF_POLICY = {"SAC": "box", "TD3": "box", "DDPG": "box", "DQN": "discrete"}


@pytest.fixture
def sb3(tmp_path):
    """`train(rewards, …)` runs the trainer on the point task and returns the tools it was given; `near` is a good reward."""

    def train(
        rewards_of=None,
        *,
        steps=256,
        start=0,
        total=None,
        seeds=None,
        starts=None,
        anews=None,
        begins=None,
        segment=0,
        env=None,
        make=toy.PointEnv,
        quick=True,
        every=None,
        lost=None,
        **options,
    ):
        algorithm = options.get("algorithm", "PPO")
        if quick:
            options = {**(QUICK if algorithm == "PPO" else QUICK_OFF_POLICY), **options}
        tools = Tools(
            tmp_path / f"job{len(list(tmp_path.iterdir()))}",
            rewards_of or {},
            {"actions": OFF_POLICY.get(algorithm, "discrete"), **(env or {})} if make is toy.PointEnv else env,
            segment,
            starts or {},
            anews or {},
            begins or {},
            seeds or {},
            make=make,
            lost=lost or {},
            every=every or (1 if algorithm == "PPO" else 64),
        )
        return toy.train(SB3Trainer(SB3Trainer.Options(**options)), tools, start=start, steps=steps, total=total)

    return types.SimpleNamespace(train=train, near=toy.near_the_origin, RewardFailed=RewardFailed, PointEnv=toy.PointEnv)
