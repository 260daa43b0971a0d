"""Options that do not go with an environment are found out before a run spends anything."""

from __future__ import annotations

import pytest

from eureka.errors import ConfigError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Discrete
from eureka_sb3 import SB3Trainer

OBSERVATIONS = Box(shape=(3,), low=(-1.0,), high=(1.0,))
SPACES = {"box": Box(shape=(1,), low=(-2.0,), high=(2.0,)), "discrete": Discrete(n=2)}

NETS = """
import torch
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class Good(BaseFeaturesExtractor):
    def __init__(self, space):
        super().__init__(space, 4)
        self.layer = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.layer(x)


class BadInit(BaseFeaturesExtractor):
    def __init__(self, space):
        super().__init__(space, space.shap)


class BadForward(Good):
    def forward(self, x):
        return self.layers(x)
"""


def check(actions="box", **options):
    SB3Trainer(SB3Trainer.Options(**options)).eureka_check_training(TrainingRequest(OBSERVATIONS, SPACES[actions], steps=1000))


@pytest.mark.parametrize(("algorithm", "actions"), [("PPO", "box"), ("PPO", "discrete"), ("SAC", "box"), ("DQN", "discrete")])
def test_what_fits_passes(algorithm, actions):
    check(actions, algorithm=algorithm, buffer_size=100) if algorithm != "PPO" else check(actions)


@pytest.mark.parametrize(
    ("actions", "options", "message"),
    [
        ("discrete", {"algorithm": "SAC"}, "SAC cannot act in Discrete actions"),
        ("box", {"policy": "CnnPolicy"}, "CnnPolicy reads images"),
        ("box", {"algorithm": "SAC", "learning_starts": 1000}, "1000 steps of random actions leave none of the 1000 of training.steps"),
        ("box", {"algorithm": "SAC", "train_freq": (1, "episode")}, "train_freq: .* counts episodes, and this environment has no limit"),
        ("discrete", {"use_sde": True}, "PPO with MlpPolicy cannot be built"),
        (
            "box",
            {"policy_kwargs": {"features_extractor_class": "NETS:BadInit"}},
            r"nets.py:17: AttributeError: 'Box' object has no .*'shap'",
        ),
        ("box", {"policy_kwargs": {"features_extractor_class": "NETS:BadForward"}}, r"cannot act .*nets.py:22: AttributeError.*layers"),
    ],
)
def test_what_does_not_fit_is_the_users_to_mend_and_no_rewards_fault(tmp_path, actions, options, message):
    nets = tmp_path / "nets.py"
    nets.write_text(NETS)
    kwargs = {key: value.replace("NETS", str(nets)) for key, value in options.get("policy_kwargs", {}).items()}
    with pytest.raises(ConfigError, match=message):
        check(actions, **{**options, "policy_kwargs": kwargs})


def test_a_class_in_a_file_that_works_passes(tmp_path):
    nets = tmp_path / "nets.py"
    nets.write_text(NETS)
    check(policy_kwargs={"features_extractor_class": f"{nets}:Good"})
