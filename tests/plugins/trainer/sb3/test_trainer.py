"""`trainer: sb3` against the point task: learning, independence of trials, failures."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from eureka_sb3 import SB3Trainer


@pytest.mark.parametrize("actions", ["discrete", "box"])
def test_learns_to_stay_near_the_origin(sb3, actions):
    tools = sb3.train(steps=5120, env={"actions": actions}, n_steps=32, net_arch=(32,), ent_coef=0.0, every=1000)
    rewards = tools.mean_rewards["a"]
    assert np.mean(rewards[-5:]) > 0.5 * np.mean(rewards[:3])
    assert np.mean(rewards[-5:]) > -0.35


def test_asks_for_the_rewards_of_a_rollout_in_one_call(sb3):
    tools = sb3.train(steps=256)
    assert tools.reward_shapes["a"] == [(16, 4)] * 4
    assert [steps for steps, _ in tools.updates["a"]] == [64, 128, 192, 256]


def test_ends_at_the_first_update_at_or_after_the_budget(sb3):
    assert sb3.train(steps=100).updates["a"][-1][0] == 128


def fails_in_the_second_rollout(failed):
    calls = []

    def reward(transitions):
        calls.append(1)
        if len(calls) == 2:
            raise failed("error", "division by zero", 3)
        return -np.abs(transitions.position)

    return reward


def test_a_trial_is_the_same_alone_among_others_and_beside_a_failing_one(sb3):
    other = {"x": lambda t: t.position, "y": lambda t: -(t.position**2)}
    alone = sb3.train({"a": sb3.near})
    among = sb3.train({"x": other["x"], "a": sb3.near, "y": other["y"]})
    beside = sb3.train({"bad": fails_in_the_second_rollout(sb3.RewardFailed), "a": sb3.near})
    assert alone.updates["a"] == among.updates["a"] == beside.updates["a"]
    assert among.updates["x"] != among.updates["a"]
    assert beside.failures["bad"].line == 3 and list(beside.states) == ["a"]
    assert [steps for steps, _ in beside.updates["bad"]] == [64]


def test_a_trial_that_fails_in_evaluation_is_given_up_after_the_update_and_the_others_go_on(sb3):
    error = sb3.RewardFailed("fitness", "fitness.value: x is nan")
    tools = sb3.train({"a": sb3.near, "b": sb3.near}, lost={"a": error})
    assert tools.failures == {"a": error} and list(tools.states) == ["b"]
    assert (tools.steps["a"], tools.steps["b"]) == ([64], [64, 128, 192, 256])


def test_the_seed_decides_the_training(sb3):
    first, again, other = (sb3.train(seeds={"a": seed}).updates["a"] for seed in (1, 1, 2))
    assert first == again != other


def test_the_number_of_threads_does_not_matter(sb3):
    import torch

    first = sb3.train().updates
    torch.set_num_threads(2)
    assert sb3.train().updates == first


@pytest.mark.parametrize(("size", "options"), [(1e39, {}), (1e39, {"batch_size": 64, "n_epochs": 1}), (1e300, {"normalize_rewards": True})])
@pytest.mark.parametrize("actions", ["discrete", "box"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_reward_that_makes_training_diverge_is_the_candidates_failure(sb3, size, options, actions):
    tools = sb3.train({"a": lambda t: size * t.position, "b": sb3.near}, env={"actions": actions}, **options)
    assert tools.failures["a"].code == "non_finite"
    assert "diverged" in tools.failures["a"].message
    assert re.search(r"e\+(38|39|299|300)", tools.failures["a"].message)
    assert list(tools.states) == ["b"] and "a" not in tools.updates


def test_a_linear_schedule_ends_without_a_last_step(sb3):
    updates = sb3.train(steps=256, learning_rate_schedule="linear").updates["a"]
    assert updates[-1][1] == updates[-2][1] != updates[-3][1]


def test_importing_the_plugin_loads_no_torch():
    code = "import sys, eureka_sb3; print([m for m in ('torch', 'stable_baselines3', 'gymnasium') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rat": 1e-3}, "learning_rat"),
        ({"gamma": 1.5}, "gamma"),
        ({"algorithm": "A2C"}, "PPO"),
        ({"net_arch": (64, 0)}, "net_arch"),
        ({"n_steps": 32, "num_envs": 8, "batch_size": 100}, "does not divide n_steps × num_envs = 32 × 8 = 256"),
    ],
)
def test_options_reject_what_is_not_valid(options, message):
    with pytest.raises(ValidationError, match=message):
        SB3Trainer.Options(**options)


def test_every_option_is_described():
    assert all(field.description for field in SB3Trainer.Options.model_fields.values())
