"""A trial of SAC, TD3, DDPG or DQN: rewards come once per vector step, before it is stored."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from eureka.errors import RewardFailed
from eureka_sb3.learner import Learner
from eureka_sb3.sampling import SampleNormaliser
from eureka_sb3.vec_env import RewardedVecEnv


class OffPolicyLearner(Learner):
    """Steps the environment `train_freq` times and learns from minibatches of all it ever saw."""

    def _vec_env(self, seeds: list[int]) -> VecEnv:
        return RewardedVecEnv(self.env, seeds, self.view, self.observation_normaliser, fetch_rewards=self._fetch_rewards)

    def begin(self) -> None:
        """See `Learner.begin`."""
        model = self.model
        if self.observation_normaliser is not None or self.reward_normaliser is not None:
            model._vec_normalize_env = SampleNormaliser(model.env, self.observation_normaliser, self.reward_normaliser)
        super().begin()

    def _cycle(self) -> None:
        model = self.model
        random = model.learning_starts if self.begins_at_random else 0
        collected = model.collect_rollouts(model.env, self._callback, model.train_freq, model.replay_buffer, model.action_noise, random)
        gradient_steps = model.gradient_steps if model.gradient_steps >= 0 else collected.episode_timesteps
        if model.num_timesteps - self.replay_begin > model.learning_starts and gradient_steps > 0:
            self._update(gradient_steps, model.batch_size)

    def _acting(self) -> torch.nn.Module:
        """A critic that is not finite makes the actor so at its next update; the actor alone is quicker to look at."""
        network: torch.nn.Module = self.model.q_net if self.options.algorithm == "DQN" else self.model.actor
        return network

    def _fetch_rewards(self, ends: NDArray[np.bool_]) -> NDArray[np.float64]:
        rewards: NDArray[np.float64] = self.tools.rewards(self.trial.id, self.env.take())[0]
        self.largest_reward = max(self.largest_reward, float(np.abs(rewards).max()))
        if self.largest_reward > np.finfo(np.float32).max:
            raise RewardFailed("non_finite", f"training diverged: a reward of {self.largest_reward:.3g} is too large for the replay buffer")
        if self.reward_normaliser is not None:
            self.reward_normaliser.update(rewards, ends)
        return rewards
