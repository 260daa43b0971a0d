"""Rewards that come once per rollout train exactly what plain rl_games trains when each step brings its own."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from gymnasium import spaces
from rl_games.common import env_configurations, vecenv
from rl_games.common.ivecenv import IVecEnv
from rl_games.torch_runner import Runner

from eureka.seeds import derive_seed
from eureka_rl_games.params import for_actions, resolve

REWARD = {"scale_value": 0.5, "shift_value": 0.25}


class PlainVecEnv(IVecEnv):
    """The point task as a user of rl_games alone would wrap it."""

    def __init__(self, env, seeds):
        self.env, self.seeds = env, seeds

    def get_env_info(self):
        space = self.env.action_space
        actions = spaces.Discrete(3) if space.type == "discrete" else spaces.Box(-2.0, 1.0, (1,), np.float32)
        return {"observation_space": spaces.Box(-np.inf, np.inf, (2,), np.float32), "action_space": actions}

    def reset(self):
        return self.env.reset(self.seeds).observations.astype(np.float32)

    def step(self, actions):
        step = self.env.step(actions + 1 if self.env.action_space.type == "discrete" else actions)
        rewards = -np.abs(self.env.take().position[0])
        time_outs = (step.truncated & ~step.terminated).astype(np.float32)
        return step.observations.astype(np.float32), rewards, step.terminated | step.truncated, {"time_outs": time_outs}


@pytest.mark.parametrize(
    ("actions", "value_bootstrap"), [("discrete", True), ("box", True), pytest.param("discrete", False, marks=pytest.mark.slow)]
)
def test_trains_exactly_as_plain_rl_games_does(rl_games, tmp_path, actions, value_bootstrap):
    config = {"value_bootstrap": value_bootstrap, "reward_shaper": REWARD, "gamma": 0.97}
    # Six steps are an episode: time-outs and terminations fall into the middle of rollouts.
    ours = rl_games.train(steps=128, env={"actions": actions, "limit": 6}, config=config)
    env = rl_games.PointEnv(4, actions=actions, limit=6)
    seeds = [derive_seed("training", 7, 0, "row", row) for row in range(4)]
    vecenv.register("POINT", lambda name, num_actors, **kwargs: PlainVecEnv(env, seeds))
    env_configurations.register("point", {"vecenv_type": "POINT", "env_creator": lambda **kwargs: None})
    params = for_actions(resolve({**rl_games.QUICK, "config": {**rl_games.QUICK["config"], **config}}), env.action_space)
    params = copy.deepcopy(params) | {"seed": 7, "torch_threads": 1}
    params["config"] |= {
        "name": "plain",
        "env_name": "point",
        "num_actors": 4,
        "max_epochs": 4,
        "device": "cpu",
        "device_name": "cpu",
        "train_dir": str(tmp_path / "plain"),
        "print_stats": False,
    }
    matmul = torch.get_float32_matmul_precision()
    try:
        runner = Runner()
        runner.load({"params": params})
        agent = runner.algo_factory.create(runner.algo_name, base_name="run", params=runner.params)
        agent.train()
    finally:
        torch.set_float32_matmul_precision(matmul)
    theirs = {name: tensor.numpy().tobytes() for name, tensor in agent.model.state_dict().items()}
    assert ours.updates["a"][-1] == (128, theirs)
    assert ours.updates["a"][-2][1] != theirs


def test_a_bootstrap_at_time_outs_changes_what_is_learnt(rl_games):
    """So that the test above compares two different things."""
    on, off = (rl_games.train(steps=32, env={"limit": 6}, config={"value_bootstrap": value}).updates["a"] for value in (True, False))
    assert on != off
