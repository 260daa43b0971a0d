"""Options that do not go with an environment are found out before a run spends anything."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from eureka.errors import ConfigError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka_rl_games import RLGamesTrainer

NUMBERS = Box(shape=(3,), low=(-1.0,), high=(1.0,))
ACTIONS = {
    "box": Box(shape=(2, 2), low=(-2.0,), high=(2.0,)),
    "unbounded": Box(shape=(1,), low=(-np.inf,), high=(1.0,)),
    "discrete": Discrete(n=2),
    "multi": MultiDiscrete(nvec=(2, 3)),
}


def check(actions="box", observations=NUMBERS, steps=100_000, **options):
    request = TrainingRequest(observations, ACTIONS[actions], steps=steps)
    return RLGamesTrainer(RLGamesTrainer.Options(num_envs=4, **options)).eureka_check_training(request)


@pytest.mark.parametrize("actions", ["box", "discrete", "multi"])
def test_what_fits_passes(actions):
    assert check(actions) == []


def test_one_row_is_enough():
    request = TrainingRequest(NUMBERS, ACTIONS["discrete"], steps=100_000)
    assert RLGamesTrainer(RLGamesTrainer.Options(num_envs=1)).eureka_check_training(request) == []


def test_a_budget_of_few_updates_is_warned_of():
    assert "64 environment steps between two updates, of 100 in training.steps" in check(steps=100)[0]


@pytest.mark.parametrize(
    ("actions", "options", "message"),
    [
        ("unbounded", {}, r"low=\[-inf\].*clip_actions: false"),
        (
            "discrete",
            {"params": {"algo": {"name": "a2c_continuous"}}},
            "algo.name: a2c_continuous does not act in Discrete actions; a2c_discrete does",
        ),
        (
            "multi",
            {"params": {"model": {"name": "discrete_a2c"}}},
            "discrete_a2c does not act in MultiDiscrete actions; multi_discrete_a2c does",
        ),
        ("box", {"params": {"config": {"bounds_loss_coef": None}}}, r"cannot train with these in this environment \(AttributeError: 'int'"),
        ("box", {"params": {"network": {"mlp": {"activation": "sinus"}}}}, r"ValueError: sinus"),
        ("box", {"params": {"config": {"mixed_precision": True}}}, "mixed_precision: true needs a GPU"),
        ("box", {"params": {"config": {"reward_shaper": {"scale_value": "much"}}}}, r"TypeError"),
        ("box", {"load_checkpoint": "nowhere.pth"}, "load_checkpoint: nowhere.pth: no such file"),
    ],
)
def test_what_does_not_fit_is_the_users_to_mend(actions, options, message):
    with pytest.raises(ConfigError, match=message):
        check(actions, **options)


def test_observations_that_are_no_arrays_are_refused():
    with pytest.raises(ConfigError, match=r"rl_games takes observations that are arrays; this environment's are discrete"):
        check("box", observations=Discrete(n=4))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_named(device):
    with pytest.raises(ConfigError, match=f"trainer.device: {device}: torch finds no CUDA GPU here. Use cpu or auto"):
        check(device=device)


def test_auto_is_the_cpu_where_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    from eureka_rl_games.learner import device

    assert device("auto") == "cpu"
