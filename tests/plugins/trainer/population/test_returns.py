"""Advantages and normalisation are stable-baselines3's, step by step."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
import torch
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.running_mean_std import RunningMeanStd

from eureka.spaces import Box, Discrete
from eureka.types import Trial
from eureka_population import learner as learning
from eureka_population.actor import Actors, Statistics
from eureka_population.kernels.returns import advantages, scale_rewards
from eureka_population.learner import Learner
from eureka_population.network import network
from eureka_population.options import Options
from eureka_population.rollout import Rollout
from eureka_population.spaces import actions


def recorded(steps, rows, seed=0):
    """Rewards, what the critic expects (of one more state, too), and where episodes ended."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 2, (2, steps + 1, rows)).astype(np.float32)
    return values[0, :-1].copy(), values[1], rng.random((steps, rows)) < 0.15


def test_advantages_are_those_of_the_librarys_rollout_buffer():
    rewards, expected, ends = recorded(50, 3)
    buffer = RolloutBuffer(50, gymnasium.spaces.Box(-1, 1, (2,)), gymnasium.spaces.Discrete(2), gae_lambda=0.9, gamma=0.97, n_envs=3)
    before = np.zeros(3, bool)
    for t in range(50):
        zeros = np.zeros((3, 2))
        buffer.add(zeros, np.zeros((3, 1)), rewards[t], before, torch.tensor(expected[t]), torch.zeros(3))
        before = ends[t]
    buffer.compute_returns_and_advantage(torch.tensor(expected[-1]), before)
    ours = np.empty_like(rewards)
    advantages(rewards, expected, ends, np.float32(0.97), np.float32(0.9), ours)
    np.testing.assert_allclose(ours, buffer.advantages, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours + expected[:-1], buffer.returns, rtol=1e-5, atol=1e-5)


def test_rewards_are_scaled_as_by_the_librarys_vec_normalize():
    """`VecNormalize` itself wants an environment; these are its three lines."""
    rng = np.random.default_rng(0)
    rewards, ends = rng.normal(3, 5, (40, 4)), rng.random((40, 4)) < 0.1
    running, returns, theirs = RunningMeanStd(shape=()), np.zeros(4), []
    for reward, end in zip(rewards, ends, strict=True):
        returns = returns * 0.9 + reward
        running.update(returns)
        theirs.append(np.clip(reward / np.sqrt(running.var + 1e-8), -10, 10))
        returns[end] = 0
    ours, statistics, going_on = rewards.copy(), np.array([0.0, 1.0, 1e-4]), np.zeros(4)
    for part in (slice(0, 25), slice(25, 40)):
        scaled = ours[part]
        scale_rewards(scaled, ends[part], 0.9, going_on, statistics)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(statistics, [running.mean, running.var, running.count], rtol=1e-12)
    np.testing.assert_allclose(going_on, returns, rtol=1e-12)


@pytest.mark.parametrize("rows", [1, 4])
def test_observations_are_scaled_as_by_the_librarys_vec_normalize_each_trials_by_its_own(rows):
    rng = np.random.default_rng(0)
    net = network(((), ()), "tanh", 3, actions(Discrete(n=2)))
    actors = Actors(net, np.zeros((2, net.size), np.float32), Statistics(2, 3), scale=True)
    running, both, seen = [RunningMeanStd(shape=(3,)) for _ in range(2)], np.arange(2), np.zeros((2, rows, 3), np.float32)
    for step in range(30):
        observations = rng.normal([[[1.0]], [[-50.0]]], [[[3.0]], [[0.01 if step < 25 else 100.0]]], (2, rows, 3))
        actors.see(observations, both, both, True, seen)
        for k in both:
            running[k].update(observations[k])
            theirs = np.clip((observations[k] - running[k].mean) / np.sqrt(running[k].var + 1e-8), -10, 10)
            np.testing.assert_allclose(seen[k], theirs, rtol=1e-6, atol=1e-6)
    before = actors.statistics.mean.copy()
    actors.see(rng.normal(size=(2, rows, 3)), both, both, False, seen)
    np.testing.assert_array_equal(actors.statistics.mean, before)


def test_truncated_episodes_are_bootstrapped_with_the_value_of_their_final_state_and_terminated_ones_are_not(monkeypatch):
    seen_rewards = []
    original = advantages.py_func
    monkeypatch.setattr(learning, "advantages", lambda rewards, *rest: (seen_rewards.append(rewards.copy()), original(rewards, *rest)))
    options = Options(num_envs=2, n_steps=3, batch_size=6, n_epochs=1, gamma=0.9, normalize_observations=True, net_arch=(4,))
    net = network(options.widths, "tanh", 2, actions(Box(shape=(1,), low=(-1.0,), high=(1.0,))))
    parameters, statistics, all_trials = np.empty((2, net.size), np.float32), Statistics(2, 2), np.arange(2)
    learners = [Learner(options, net, Trial(id="", reward="fitness", seed=seed, dir=""), parameters[seed]) for seed in (0, 1)]
    parameters[:] += np.random.default_rng(0).normal(0, 0.3, parameters.shape)
    actors, rollout = Actors(net, parameters, statistics, scale=True), Rollout(2, 3, 2, 2, 1)
    rollout.begin(all_trials, {k: learner.noise() for k, learner in enumerate(learners)})
    observations = np.random.default_rng(1).normal(5, 2, (4, 2, 2, 2))
    actors.see(observations[0], all_trials, all_trials, True, rollout.now)
    final = np.array([[4.0, 6.0]])
    for t in range(3):
        rollout.act(actors, all_trials)
        actors.see(observations[t + 1], all_trials, all_trials, True, rollout.now)
        rollout.store(t, np.array([False, t == 0, False, t == 1]))  # at 0 a terminated episode of the first trial, at 1 a truncated one
        if t == 1:
            rollout.cut(t, np.array([3]), actors, final)
            scaled = (final - statistics.mean[1]) / np.sqrt(statistics.variance[1] + 1e-8)
    rollout.end()
    critic = {name: array.copy() for name, array in net.arrays(parameters[1]).items() if name.startswith("critic")}
    hidden = np.tanh(scaled @ critic["critic.0.weights"] + critic["critic.0.biases"])
    beyond = (hidden @ critic["critic.1.weights"] + critic["critic.1.biases"]).item()
    for k in (0, 1):
        learners[k].learn(rollout.of(k), np.full((3, 2), 2.0), 1.0)
    np.testing.assert_array_equal(seen_rewards[0], np.full((3, 2), 2.0, np.float32))
    expected = np.full((3, 2), 2.0)
    expected[1, 1] += 0.9 * beyond
    np.testing.assert_allclose(seen_rewards[1], expected, rtol=1e-5)
    assert abs(beyond) > 0.01
