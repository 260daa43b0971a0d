"""A saved policy acts as the one in training did, and as rl_games' own player does."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from eureka.errors import EurekaError
from eureka.training import LoadRequest
from eureka_rl_games import RLGamesTrainer

CNN = {
    "type": "conv2d",
    "activation": "relu",
    "initializer": {"name": "default"},
    "convs": [{"filters": 4, "kernel_size": 4, "strides": 2, "padding": 0}],
}


def load(directory, env):
    # The options of the loading component do not matter: the checkpoint describes itself.
    return RLGamesTrainer(RLGamesTrainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))


@pytest.mark.parametrize(
    ("actions", "env", "network", "config"),
    [
        ("discrete", {}, {}, {}),
        ("multi", {}, {"separate": True}, {"normalize_input": False}),
        ("box", {}, {"space": {"continuous": {"fixed_sigma": False}}}, {"normalize_value": False}),
        ("unbounded", {}, {}, {"clip_actions": False}),
        ("box", {"sees": "pixels"}, {"cnn": CNN}, {}),
    ],
)
def test_a_loaded_policy_acts_exactly_like_the_original(rl_games, tmp_path, actions, env, network, config):
    tools = rl_games.train(steps=32, env={"actions": actions, **env}, network=network, config=config)
    policy, env = tools.policies["a"], tools.envs[0]
    loaded, rng = load(tools.checkpoint("a", 32), env), np.random.default_rng(0)
    if env.sees == "pixels":
        observations = rng.integers(0, 256, (50, *env.observation_space.shape)).astype(np.uint8)
    else:
        observations = rng.normal(size=(50, 2)) * 3
    got, expected = loaded.act(observations), policy.act(observations)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(policy.act(observations), expected)
    assert len(np.unique(expected, axis=0)) > 1
    if actions == "discrete":
        assert got.shape == (50,) and set(np.unique(got)) <= {1, 2, 3}
    elif actions == "multi":
        assert got.shape == (50, 2) and (got.min(0) >= 0).all() and (got.max(0) <= (2, 1)).all()
    else:
        assert got.shape == (50, 1) and (actions == "unbounded" or (got.min() >= -2 and got.max() <= 1))
    again = tmp_path / "again"
    again.mkdir()
    loaded.save(again)
    for name in ("policy.json", "rl_games.pth", "rl_games.csv"):
        assert (again / name).read_bytes() == (tools.checkpoint("a", 32) / name).read_bytes()


@pytest.mark.parametrize("actions", ["discrete", "box"])
def test_the_players_of_rl_games_read_the_checkpoint_and_act_the_same(rl_games, actions):
    from gymnasium import spaces
    from rl_games.algos_torch.model_builder import ModelBuilder
    from rl_games.algos_torch.players import PpoPlayerContinuous, PpoPlayerDiscrete

    tools = rl_games.train(steps=64, env={"actions": actions})
    directory = tools.checkpoint("a", 64)
    params = json.loads((directory / "policy.json").read_text())["params"]
    continuous = actions == "box"
    info = {
        "observation_space": spaces.Box(-np.inf, np.inf, (2,), np.float32),
        "action_space": spaces.Box(-2.0, 1.0, (1,), np.float32) if continuous else spaces.Discrete(3),
    }
    params["config"] |= {
        "env_name": "none",
        "env_info": info,
        "num_actors": 1,
        "device_name": "cpu",
        "network": ModelBuilder().load(params),
    }
    player = (PpoPlayerContinuous if continuous else PpoPlayerDiscrete)(params)
    player.restore(str(directory / "rl_games.pth"))
    player.has_batch_dimension = True
    observations = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32) * 3
    theirs = player.get_action(torch.from_numpy(observations), is_deterministic=True).numpy()
    np.testing.assert_array_equal(tools.policies["a"].act(observations), theirs if continuous else theirs + 1)


def test_loading_and_acting_leave_the_global_generators_alone(rl_games):
    tools = rl_games.train(steps=32)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    load(tools.checkpoint("a", 32), tools.envs[0]).act(np.zeros((2, 2)))
    assert torch.equal(before, torch.get_rng_state())


def test_a_checkpoint_that_does_not_fit_says_why(rl_games):
    tools = rl_games.train(steps=32)
    directory = tools.checkpoint("a", 32)
    described = json.loads((directory / "policy.json").read_text())
    described["params"]["network"]["mlp"]["units"] = [8]
    (directory / "policy.json").write_text(json.dumps(described))
    with pytest.raises(EurekaError, match=r"rl_games.pth: a2c_network.actor_mlp.0.bias, .* do not fit the network of rl_games 1"):
        load(directory, tools.envs[0])
    (directory / "policy.json").write_text(json.dumps({**described, "format": 9}))
    with pytest.raises(EurekaError, match="format 9 is not 1"):
        load(directory, tools.envs[0])
