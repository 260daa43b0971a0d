"""The options: the library's names and defaults for each algorithm, closed, and the same when read again."""

from __future__ import annotations

import inspect
import json

import pytest
from click.testing import CliRunner

from eureka.component import Component
from eureka.errors import ConfigError
from eureka.registry import check_options
from eureka.types import ComponentSpec
from eureka_sb3 import SB3Trainer
from eureka_sb3.algorithms import ALGORITHMS, LIBRARY

# Arguments of the library's constructors that are set otherwise: the environment, the seed, the buffers this plugin asks rewards
# for, what the options policy, policy_kwargs and device say, and logging.
ELSEWHERE = {"policy", "env", "policy_kwargs", "device", "seed", "verbose", "tensorboard_log", "stats_window_size", "_init_setup_model"}
ELSEWHERE |= {"rollout_buffer_class", "rollout_buffer_kwargs", "replay_buffer_class", "replay_buffer_kwargs"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_options_and_defaults_are_those_of_the_installed_library(algorithm):
    import stable_baselines3

    signature = inspect.signature(getattr(stable_baselines3, algorithm).__init__)
    theirs = {name: p.default for name, p in signature.parameters.items() if name != "self" and name not in ELSEWHERE}
    assert theirs == LIBRARY[algorithm]
    ours = SB3Trainer.Options(algorithm=algorithm).model_dump()
    assert {name: ours[name] for name in theirs} == theirs


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_options_resolve_to_is_complete_and_reads_the_same(algorithm):
    options = SB3Trainer.Options(algorithm=algorithm)
    dumped = json.loads(options.model_dump_json())
    assert SB3Trainer.Options(**dumped) == options
    assert dumped["num_envs"] == (8 if algorithm == "PPO" else 1)
    assert ("n_epochs" in dumped) == (algorithm == "PPO") and ("policy_delay" in dumped) == (algorithm == "TD3")


def refusal(options):
    with pytest.raises(ConfigError) as caught:
        check_options(SB3Trainer, "trainer", ComponentSpec(use="sb3", options=options), ("trainer",))
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"algorithm": "SAC", "n_epochs": 4}, "trainer.n_epochs: algorithm: SAC has no such option; it is one of PPO."),
        ({"tau": 0.1}, "trainer.tau: algorithm: PPO has no such option; it is one of SAC, TD3, DDPG, DQN."),
        ({"ent_coef": "auto"}, 'trainer.ent_coef: "auto" is not a number; only SAC learns it.'),
        ({"algorithm": "SAC", "ent_coef": "auto_0"}, "auto_X with the X > 0"),
        ({"algorithm": "SAC", "action_noise": {"type": "normal", "theta": 0.1}}, "trainer.action_noise.theta: unknown key"),
        ({"algorithm": "DQN", "train_freq": [1, "episode"], "num_envs": 2}, "train_freq: [1, episode] needs num_envs: 1; it is 2."),
        ({"algorithm": "DQN", "optimize_memory_usage": True, "n_steps": 2}, "optimize_memory_usage: true needs n_steps: 1; it is 2."),
        ({"policy": "MlpPolic"}, '"MlpPolic" is not auto, MlpPolicy, CnnPolicy, MultiInputPolicy, module:Class or FILE.py:Class.'),
        ({"device": "gpu"}, '"gpu" is not cpu, cuda, cuda:NUMBER or auto.'),
        ({"net_arch": [8], "policy_kwargs": {"net_arch": [8]}}, "policy_kwargs.net_arch: net_arch says it already"),
        (
            {"activation": "relu", "policy_kwargs": {"activation_fn": "torch.nn:ELU"}},
            "policy_kwargs.activation_fn: activation says it already",
        ),
        ({"policy_kwargs": {"use_sde": True}}, "policy_kwargs.use_sde: is given by the trainer"),
    ],
)
def test_a_refusal_names_the_option_and_what_is_valid(options, message):
    assert message in refusal(options)


def test_classes_in_policy_kwargs_are_relative_to_the_config(tmp_path):
    options = {
        "policy": "nets.py:Policy",
        "policy_kwargs": {"optimizer_class": "nets.py:Optimiser", "nested": {"list": ["nets.py:A"]}, "activation_fn": "torch.nn:ELU"},
    }
    checked = check_options(SB3Trainer, "trainer", ComponentSpec(use="sb3", options=options), ("trainer",), tmp_path)
    file = tmp_path.resolve() / "nets.py"
    assert checked.policy == f"{file}:Policy"
    assert checked.policy_kwargs == {
        "optimizer_class": f"{file}:Optimiser",
        "nested": {"list": [f"{file}:A"]},
        "activation_fn": "torch.nn:ELU",
    }


def test_plugins_show_says_whose_an_option_is_and_where_its_default_differs():
    from eureka.cli.plugins import plugins

    shown = " ".join(CliRunner().invoke(plugins, ["show", "trainer:sb3"], terminal_width=500).output.split())
    assert issubclass(SB3Trainer, Component) and "Only TD3." in shown
    assert "Default: 0.0003 for PPO/SAC, 0.001 for TD3/DDPG, 0.0001 for DQN." in shown
