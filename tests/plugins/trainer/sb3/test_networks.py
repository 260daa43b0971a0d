"""Which policy sees what: numbers, images, parts of a Dict, and classes of the user's own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eureka.errors import ConfigError, EurekaError
from eureka.training import LoadRequest
from eureka_sb3 import SB3Trainer
from eureka_sb3.images import channels_first

OWN = """
import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.dqn.policies import DQNPolicy


class Twice(BaseFeaturesExtractor):
    def __init__(self, observation_space, factor=2.0):
        super().__init__(observation_space, observation_space.shape[0])
        self.factor = factor

    def forward(self, observations):
        return self.factor * observations


class Policy(ActorCriticPolicy):
    pass


class Greedy(DQNPolicy):
    pass


class NoPolicy:
    pass
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


def reload(tools, tmp_path):
    """The last policy, saved and loaded again, and what was saved of it."""
    directory, env = tmp_path / "kept", tools.envs[0]
    directory.mkdir()
    tools.policies["a"].save(directory)
    loaded = SB3Trainer(SB3Trainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))
    return loaded, json.loads((directory / "policy.json").read_text())


def observations(env):
    rng = np.random.default_rng(0)
    space = env.observation_space
    if space.dtype == "uint8":
        return rng.integers(0, 256, (10, *space.shape)).astype(np.uint8)
    batch = rng.normal(size=(10, *space.shape))
    for part in space.parts:
        if part.image:
            batch[:, part.start : part.stop] = rng.integers(0, 256, (10, part.stop - part.start))
    return batch


@pytest.mark.parametrize(
    ("algorithm", "sees", "policy"),
    [
        ("PPO", "grey", "CnnPolicy"),
        ("PPO", "colour", "CnnPolicy"),
        ("PPO", "stack", "CnnPolicy"),
        ("PPO", "colour stack", "CnnPolicy"),
        ("PPO", "small", "MlpPolicy"),
        ("PPO", "dict", "MultiInputPolicy"),
        ("PPO", "dict of numbers", "MlpPolicy"),
        ("DQN", "stack", "CnnPolicy"),
        ("DQN", "dict", "MultiInputPolicy"),
        ("SAC", "colour", "CnnPolicy"),
        ("SAC", "dict", "MultiInputPolicy"),
        ("TD3", "dict", "MultiInputPolicy"),
    ],
)
def test_auto_takes_the_policy_that_fits_and_it_loads_again(sb3, tmp_path, algorithm, sees, policy):
    options = {"algorithm": algorithm, "num_envs": 2, "every": 1000} | ({"n_steps": 16} if algorithm == "PPO" else {"learning_starts": 28})
    tools = sb3.train(steps=32, env={"sees": sees}, **options)
    loaded, described = reload(tools, tmp_path)
    assert described["policy"] == policy
    seen = observations(tools.envs[0])
    got = loaded.act(seen)
    np.testing.assert_array_equal(got, tools.policies["a"].act(seen))
    assert got.shape == ((10, 1) if algorithm in ("SAC", "TD3") else (10,))


def test_a_network_sees_every_image_channels_first():
    rng = np.random.default_rng(0)

    def images(*shape):
        return rng.integers(0, 256, (2, *shape)).astype(np.uint8)

    grey, last, first, stack = images(40, 50), images(40, 50, 3), images(4, 40, 50), images(2, 40, 50, 3)
    np.testing.assert_array_equal(channels_first(grey)[:, 0], grey)
    assert channels_first(last).shape == (2, 3, 40, 50)
    np.testing.assert_array_equal(channels_first(last)[:, 2], last[..., 2])
    assert channels_first(first) is first
    assert channels_first(stack).shape == (2, 6, 40, 50)
    np.testing.assert_array_equal(channels_first(stack)[:, 4], stack[:, 1, :, :, 1])


def test_a_checkpoint_of_convolutions_holds_them_once_and_no_critic(sb3):
    tools = sb3.train(steps=64, env={"sees": "grey"}, n_steps=16, every=1000)
    with np.load(_saved(tools)) as archive:
        assert archive["features_extractor.cnn.0.weight"].shape == (32, 1, 8, 8)
        assert not any(name.startswith(("vf_", "pi_", "value_net")) for name in archive.files)


def _saved(tools):
    directory = tools.workdir / "again"
    directory.mkdir()
    tools.policies["a"].save(directory)
    return directory / "policy.npz"


def test_parts_reach_the_network_under_their_names(sb3):
    tools = sb3.train(steps=16, env={"sees": "dict of numbers"}, policy="MultiInputPolicy", n_steps=4, batch_size=16, every=1000)
    from eureka_sb3.spaces import view

    env = tools.envs[0]
    seen = view(env.observation_space, True).convert(np.array([[0.5, 0, 1, 0], [0.25, 1, 0, 0]]))
    np.testing.assert_array_equal(seen["x"], np.array([[0.5], [0.25]], np.float32))
    np.testing.assert_array_equal(seen["more"], np.array([[0, 1, 0], [1, 0, 0]], np.float32))
    assert tools.policies["a"].act(np.zeros((3, 4))).shape == (3,)


@pytest.mark.parametrize(("algorithm", "name"), [("PPO", "Policy"), ("DQN", "Greedy")])
def test_a_policy_class_and_classes_in_policy_kwargs_come_from_a_file(sb3, tmp_path, own, algorithm, name):
    kwargs = {
        "features_extractor_class": f"{own}:Twice",
        "features_extractor_kwargs": {"factor": 3.0},
        "activation_fn": "torch.nn:ELU",
        "optimizer_class": "torch.optim:AdamW",
        "optimizer_kwargs": {"weight_decay": 0.1},
    }
    tools = sb3.train(steps=128, algorithm=algorithm, policy=f"{own}:{name}", policy_kwargs=kwargs)
    loaded, described = reload(tools, tmp_path)
    assert described["policy"] == f"{own}:{name}" and described["arguments"]["activation_fn"] == "torch.nn:ELU"
    seen = observations(tools.envs[0])
    np.testing.assert_array_equal(loaded.act(seen), tools.policies["a"].act(seen))
    plain = sb3.train(steps=128, algorithm=algorithm)
    assert plain.updates["a"] != tools.updates["a"]


def test_a_checkpoint_whose_class_has_changed_says_so(sb3, tmp_path, own):
    tools = sb3.train(policy_kwargs={"features_extractor_class": f"{own}:Twice"})
    directory = tmp_path / "kept"
    directory.mkdir()
    tools.policies["a"].save(directory)
    described = json.loads((directory / "policy.json").read_text())
    (directory / "policy.json").write_text(json.dumps({**described, "arguments": {"net_arch": [8]}}))
    env = tools.envs[0]
    with pytest.raises(EurekaError, match=r"do not fit the network .*class changed"):
        SB3Trainer(SB3Trainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space))


@pytest.mark.parametrize(
    ("options", "env", "message"),
    [
        ({"algorithm": "DQN", "buffer_size": 10**15}, {}, "trainer.buffer_size: 1000000000000000 steps do not fit into memory .*Lower it"),
        ({"algorithm": "SAC"}, {"actions": "discrete"}, "SAC cannot act in Discrete actions; these algorithms can: PPO, DQN."),
        ({"algorithm": "DQN"}, {"actions": "box"}, "DQN cannot act in Box .* actions; these algorithms can: PPO, SAC, TD3, DDPG."),
        ({"policy": "CnnPolicy"}, {}, r"CnnPolicy reads images, .*; the observations are Box float64 \[2\]. Use auto or MlpPolicy."),
        ({"policy": "MultiInputPolicy"}, {}, "MultiInputPolicy reads Dict or Tuple observations"),
        ({"normalize_observations": True}, {"sees": "grey"}, "normalize_observations: true .* Set it to false."),
        ({"policy": "OWN:NoPolicy"}, {}, "is no policy class; PPO takes subclasses of stable_baselines3.*ActorCriticPolicy"),
        ({"policy": "OWN:Nothing"}, {}, "has no Nothing. Classes there: .*Greedy"),
        ({"policy": "missing.py:Policy"}, {}, "missing.py does not exist"),
        ({"policy": "no_such_module:Policy"}, {}, "trainer.policy: no_such_module:Policy: there is no module no_such_module here"),
        ({"policy_kwargs": {"activation_fn": "torch.nn:Elu"}}, {}, "trainer.policy_kwargs.activation_fn: torch.nn has no Elu"),
        ({"policy_kwargs": {"net_architecture": [3]}}, {}, "cannot be built .*net_architecture.*eureka plugins show trainer:sb3"),
        ({"algorithm": "DQN", "net_arch": {"pi": (3,), "qf": (3,)}}, {}, "DQN with MlpPolicy cannot be built"),
        ({"algorithm": "DQN", "n_steps": 2}, {"sees": "dict"}, "N-step returns are not supported for Dict"),
        ({"device": "cuda:99"}, {}, "trainer.device: cuda:99: torch finds no CUDA GPU here|cannot be built .*CUDA"),
    ],
)
def test_what_does_not_fit_the_environment_is_one_clear_error(sb3, own, options, env, message):
    if str(options.get("policy", "")).startswith("OWN"):
        options = {"policy": options["policy"].replace("OWN", str(own))}
    env = {"actions": "discrete" if options.get("algorithm") != "DQN" or "actions" not in env else env["actions"], **env}
    with pytest.raises(ConfigError, match=message):
        sb3.train(env=env, **options)
