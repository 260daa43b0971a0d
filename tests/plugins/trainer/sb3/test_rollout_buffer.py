"""Rewards that come a rollout at a time train as if they had come a step at a time."""

from __future__ import annotations

import numpy as np
import torch


def rewards_before_advantages(monkeypatch):
    """Every rollout's rewards as the advantages see them, with the value of any observation under that rollout's network."""
    from stable_baselines3.common.buffers import RolloutBuffer

    seen = []
    original = RolloutBuffer.compute_returns_and_advantage

    def capture(self, last_values, dones):
        seen.append(self.rewards.copy())
        original(self, last_values, dones)

    monkeypatch.setattr(RolloutBuffer, "compute_returns_and_advantage", capture)
    return seen


def test_a_truncated_episode_is_bootstrapped_and_a_terminated_one_is_not(sb3, monkeypatch):
    from stable_baselines3 import PPO

    seen, models = rewards_before_advantages(monkeypatch), []
    monkeypatch.setattr(PPO, "train", lambda self: models.append(self))
    tools = sb3.train({"a": lambda t: np.full_like(t.position, 2.0)}, steps=256, n_steps=64, gamma=0.9)
    (rewards,), ends = seen, tools.envs[0].ends
    expected = np.full((64, 4), 2.0)
    for step, row, terminated, final in ends:
        if not terminated:
            with torch.no_grad():
                value = models[0].policy.predict_values(torch.as_tensor(final[None], dtype=torch.float32)).item()
            expected[step, row] += 0.9 * value
    np.testing.assert_allclose(rewards, expected, rtol=1e-5, atol=1e-6)
    kinds = [terminated for _, _, terminated, _ in ends]
    assert any(kinds) and not all(kinds)
    assert {(step, row) for step, row, terminated, _ in ends if not terminated} == set(zip(*np.nonzero(rewards != 2), strict=True))


def test_normalised_rewards_are_those_of_vec_normalize(sb3, monkeypatch):
    from stable_baselines3.common.vec_env import VecNormalize

    from eureka_sb3.normalise import RewardNormaliser
    from eureka_sb3.spaces import view
    from eureka_sb3.vec_env import RecordedVecEnv

    rng = np.random.default_rng(0)
    rewards, ends = rng.normal(3, 5, (40, 4)), rng.random((40, 4)) < 0.1
    env = sb3.PointEnv(4)
    reference = VecNormalize(RecordedVecEnv(env, [0, 1, 2, 3], view(env.observation_space, False), None), norm_obs=False, gamma=0.9)
    feed = iter(zip(rewards, ends, strict=True))

    def step_wait():
        reward, end = next(feed)
        return np.zeros((4, 2)), reward, end, [{}] * 4

    reference.reset()
    monkeypatch.setattr(reference.venv, "step_wait", step_wait)
    expected = np.stack([reference.step_wait()[1] for _ in range(40)])
    normaliser = RewardNormaliser(0.9, 4)
    got = np.concatenate([normaliser(rewards[:25], ends[:25]), normaliser(rewards[25:], ends[25:])])
    np.testing.assert_array_equal(got.astype(np.float32), expected)


def test_the_buffer_tells_the_normaliser_where_episodes_ended(sb3, monkeypatch):
    from eureka_sb3 import normalise

    asked = []
    original = normalise.RewardNormaliser.__call__
    monkeypatch.setattr(normalise.RewardNormaliser, "__call__", lambda self, r, ends: (asked.append(ends), original(self, r, ends))[1])
    tools = sb3.train(steps=256, n_steps=64, normalize_rewards=True)
    expected = np.zeros((64, 4), bool)
    for step, row, _, _ in tools.envs[0].ends:
        expected[step, row] = True
    np.testing.assert_array_equal(asked[0], expected)


def test_normalised_observations_are_those_of_vec_normalize(sb3):
    from stable_baselines3.common.vec_env import VecNormalize

    from eureka_sb3.normalise import ObservationNormaliser
    from eureka_sb3.spaces import view
    from eureka_sb3.vec_env import RecordedVecEnv

    seeds, rng = [0, 1, 2, 3], np.random.default_rng(0)
    seen = view(sb3.PointEnv(4).observation_space, False)
    ours = RecordedVecEnv(sb3.PointEnv(4), seeds, seen, ObservationNormaliser((2,)))
    reference = VecNormalize(RecordedVecEnv(sb3.PointEnv(4), seeds, seen, None), norm_reward=False)
    np.testing.assert_allclose(ours.reset(), reference.reset(), atol=1e-5)
    for _ in range(60):
        actions = rng.integers(3, size=4)
        got, expected = ours.step(actions), reference.step(actions)
        np.testing.assert_allclose(got[0], expected[0], atol=1e-5)
        for info, other in zip(got[3], expected[3], strict=True):
            assert info.keys() == other.keys()
            if info:
                np.testing.assert_allclose(info["terminal_observation"], other["terminal_observation"], atol=1e-5)
