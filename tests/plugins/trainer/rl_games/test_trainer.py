"""`trainer: rl_games` against the point task: learning, independence of trials, failures."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest


@pytest.mark.slow
@pytest.mark.parametrize("actions", ["discrete", "multi", "box"])
def test_learns_to_stay_near_the_origin(rl_games, actions):
    reward = {"a": lambda t: 1 - np.abs(t.position)}
    config = {"horizon_length": 16, "minibatch_size": 64, "mini_epochs": 4}
    tools = rl_games.train(reward, steps=4096, env={"actions": actions}, num_envs=8, config=config)
    rewards = tools.mean_rewards["a"]
    assert np.mean(rewards[-5:]) > 0.65 > np.mean(rewards[:3]) + 0.1


def test_asks_for_the_rewards_of_a_rollout_in_one_call(rl_games):
    tools = rl_games.train(steps=70)  # an update is every 32: the first at or after the budget is the last
    assert tools.reward_shapes["a"] == [(8, 4)] * 3
    assert tools.steps["a"] == [32, 64, 96]


def fails_in_the_second_rollout(failed):
    calls = []

    def reward(transitions):
        calls.append(1)
        if len(calls) == 2:
            raise failed("error", "division by zero", 3)
        return -np.abs(transitions.position)

    return reward


@pytest.mark.parametrize("actions", ["discrete", pytest.param("box", marks=pytest.mark.slow)])
def test_a_trial_is_the_same_alone_among_others_and_beside_a_failing_one(rl_games, actions):
    other, env = {"x": lambda t: t.position, "y": lambda t: -(t.position**2)}, {"actions": actions}
    alone = rl_games.train({"a": rl_games.near}, env=env)
    among = rl_games.train({"x": other["x"], "a": rl_games.near, "y": other["y"]}, env=env)
    beside = rl_games.train({"bad": fails_in_the_second_rollout(rl_games.RewardFailed), "a": rl_games.near}, env=env)
    assert alone.updates["a"] == among.updates["a"] == beside.updates["a"]
    assert among.updates["x"] != among.updates["a"]
    assert beside.failures["bad"].line == 3 and list(beside.states) == ["a"]
    assert beside.steps["bad"] == [32]


def test_a_trial_that_fails_in_evaluation_is_given_up_after_the_update_and_the_others_go_on(rl_games):
    error = rl_games.RewardFailed("fitness", "fitness.value: x is nan")
    tools = rl_games.train({"a": rl_games.near, "b": rl_games.near}, lost={"a": error})
    assert tools.failures == {"a": error} and list(tools.states) == ["b"]
    assert (tools.steps["a"], tools.steps["b"]) == ([32], [32, 64, 96])


def test_the_seed_decides_the_training_also_seed_0(rl_games):
    first, again, other = (rl_games.train(seeds={"a": number}, steps=64).updates["a"] for number in (0, 0, 2))
    assert first == again != other


def test_the_number_of_threads_does_not_matter(rl_games):
    import torch

    first = rl_games.train(steps=64).updates
    torch.set_num_threads(2)
    assert rl_games.train(steps=64).updates == first


@pytest.mark.parametrize(("size", "normalize_value", "actions"), [(1e30, True, "discrete"), (1e39, False, "box")])
def test_a_reward_that_makes_training_diverge_is_the_candidates_failure(rl_games, size, normalize_value, actions):
    config = {"normalize_value": normalize_value, "clip_value": False, "critic_coef": 1e9}
    tools = rl_games.train({"a": lambda t: size * t.position, "b": rl_games.near}, env={"actions": actions}, config=config)
    assert tools.failures["a"].code == "non_finite"
    assert "diverged" in tools.failures["a"].message
    assert re.search(r"e\+(30|38|39)", tools.failures["a"].message)
    assert list(tools.states) == ["b"] and "a" not in tools.updates


def test_the_library_leaves_no_file_outside_of_checkpoints(rl_games, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tools = rl_games.train(steps=32)
    assert {path.name for path in tmp_path.iterdir()} == {tools.workdir.name}
    assert sorted(path.name for path in tools.checkpoint("a", 32).iterdir()) == ["policy.json", "rl_games.csv", "rl_games.pth"]


def test_importing_the_plugin_loads_no_torch():
    code = "import sys, eureka_rl_games; print([m for m in ('torch', 'rl_games', 'gymnasium') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
