"""A trial of PPO: rewards come once per rollout."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from eureka_sb3.learner import Learner
from eureka_sb3.rollout_buffer import RewardedDictRolloutBuffer, RewardedRolloutBuffer
from eureka_sb3.vec_env import RecordedVecEnv


class OnPolicyLearner(Learner):
    """Collects a rollout, asks for all its rewards in one call, and updates."""

    def _vec_env(self, seeds: list[int]) -> VecEnv:
        return RecordedVecEnv(self.env, seeds, self.view, self.observation_normaliser)

    def _library_arguments(self) -> dict[str, Any]:
        by_parts = isinstance(self.view.space, spaces.Dict)
        return {
            **super()._library_arguments(),
            "rollout_buffer_class": RewardedDictRolloutBuffer if by_parts else RewardedRolloutBuffer,
            "rollout_buffer_kwargs": {"fetch_rewards": self._fetch_rewards, "normaliser": self.reward_normaliser},
        }

    def _cycle(self) -> None:
        model = self.model
        model.collect_rollouts(model.env, self._callback, model.rollout_buffer, model.n_steps)
        model._update_current_progress_remaining(model.num_timesteps, self.budget.total)
        self._update()

    def _fetch_rewards(self) -> NDArray[np.float64]:
        rewards = self.tools.rewards(self.trial.id, self.env.take())
        self.largest_reward = float(np.abs(rewards).max())
        return rewards
