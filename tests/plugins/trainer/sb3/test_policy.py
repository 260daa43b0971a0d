"""A saved policy acts as the one in training did."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eureka.errors import EurekaError
from eureka.training import LoadRequest
from eureka_sb3 import SB3Trainer


@pytest.mark.parametrize(
    ("algorithm", "actions", "options"),
    [
        ("PPO", "discrete", {"net_arch": {"pi": (16, 8), "vf": (8,)}}),
        ("PPO", "box", {"use_sde": True}),
        ("SAC", "box", {}),
        ("SAC", "box", {"use_sde": True, "net_arch": {"pi": (16, 8), "qf": (8,)}}),
        ("TD3", "box", {}),
        ("DDPG", "box", {}),
        ("DQN", "discrete", {}),
    ],
)
@pytest.mark.parametrize("normalise", [False, True])
def test_a_loaded_policy_acts_exactly_like_the_original(sb3, tmp_path, algorithm, actions, options, normalise):
    options = {"net_arch": (16, 8), "activation": "relu", "normalize_observations": normalise, **options}
    tools = sb3.train(steps=192, env={"actions": actions}, algorithm=algorithm, every=1000, **options)
    directory, policy, env = tmp_path / "kept", tools.policies["a"], tools.envs[0]
    directory.mkdir()
    policy.save(directory)
    # The options of the loading component do not matter: the checkpoint describes itself.
    trainer = SB3Trainer(SB3Trainer.Options())
    loaded = trainer.eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))
    observations = np.random.default_rng(0).normal(size=(50, 2)) * 3
    got, expected = loaded.act(observations), policy.act(observations)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(policy.act(observations), expected)
    if actions == "discrete":
        assert got.shape == (50,) and set(np.unique(got)) <= {1, 2, 3}
    else:
        assert got.shape == (50, 1) and np.abs(got).max() <= 1
    again = tmp_path / "again"
    again.mkdir()
    loaded.save(again)
    assert (again / "policy.json").read_text() == (directory / "policy.json").read_text()


def test_loading_leaves_the_global_generators_alone(sb3):
    import torch

    tools = sb3.train()
    env, directory = tools.envs[0], tools.workdir / "a-0-256"
    torch.manual_seed(3)
    before = torch.get_rng_state()
    SB3Trainer(SB3Trainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))
    assert torch.equal(before, torch.get_rng_state())


def test_a_checkpoint_of_another_format_names_both(sb3):
    tools = sb3.train()
    env, directory = tools.envs[0], tools.workdir / "a-0-256"
    described = json.loads((directory / "policy.json").read_text())
    (directory / "policy.json").write_text(json.dumps({**described, "format": 9}))
    with pytest.raises(EurekaError, match="format 9 is not 2"):
        SB3Trainer(SB3Trainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))
