"""Trainings of the point on a line, and what of every policy is kept to compare."""

from __future__ import annotations

import types
from dataclasses import dataclass

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.types import Fitness
from eureka_rl_games import RLGamesTrainer
from plugins.trainer import toy


class PointEnv(toy.PointEnv):
    """Continuous actions go from -2 to 1: the library scales its own to the bounds."""

    def __init__(self, num_envs, actions="discrete", **options):
        super().__init__(num_envs, "lopsided" if actions == "box" else actions, **options)


@dataclass
class Tools(toy.Tools):
    """Keeps every update's checkpoint, and lets the policy act, as an evaluation would between two updates."""

    def keep(self, trial, steps, policy):
        import torch

        env, directory = self.envs[-1], self.saved(trial, steps, policy)
        policy.act(env._observe() if hasattr(env, "_observe") else np.zeros((2, *env.observation_space.shape)))
        model = torch.load(directory / "rl_games.pth", weights_only=True)["model"]
        self.updates.setdefault(trial, []).append((steps, {name: tensor.numpy().tobytes() for name, tensor in model.items()}))


QUICK = {
    "network": {"mlp": {"units": [16]}},
    "config": {"horizon_length": 8, "minibatch_size": 16, "mini_epochs": 2, "learning_rate": 3e-3},
}


@pytest.fixture
def rl_games(tmp_path):
    """`train(rewards, …)` runs the trainer on the point task and returns the tools it was given; `near` is a good reward."""

    def train(
        rewards_of=None,
        *,
        steps=96,
        start=0,
        total=None,
        seeds=None,
        starts=None,
        anews=None,
        begins=None,
        segment=0,
        env=None,
        make=PointEnv,
        lost=None,
        config=None,
        network=None,
        fitness=None,
        **options,
    ):
        params = {"config": {**QUICK["config"], **(config or {})}, "network": {**QUICK["network"], **(network or {})}}
        trainer = RLGamesTrainer(RLGamesTrainer.Options(**{"num_envs": 4, **options, "params": params}))
        tools = Tools(
            tmp_path / f"job{len(list(tmp_path.iterdir()))}",
            rewards_of or {},
            env or {},
            segment,
            starts or {},
            anews or {},
            begins or {},
            seeds or {},
            make=make,
            lost=lost or {},
        )
        return toy.train(trainer, tools, start=start, steps=steps, total=total, fitness=Fitness(**(fitness or {"value": "native"})))

    return types.SimpleNamespace(train=train, near=toy.near_the_origin, RewardFailed=RewardFailed, PointEnv=PointEnv, QUICK=QUICK)
