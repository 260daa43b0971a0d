"""Scaling at the moment a minibatch is drawn from a replay buffer, which holds what the environment gave."""

from __future__ import annotations

from typing import Any

from eureka_sb3.normalise import ObservationNormaliser, RewardNormaliser
from eureka_sb3.vec_env import RewardedVecEnv


class SampleNormaliser:
    """Stands where the library's off-policy algorithms look for a `VecNormalize`, with the five methods they call.

    So an observation stored long ago is scaled by the statistics of today.
    """

    def __init__(self, env: RewardedVecEnv, observations: ObservationNormaliser | None, rewards: RewardNormaliser | None) -> None:
        self.env = env
        self.observations = observations
        self.rewards = rewards

    def get_original_obs(self) -> Any:
        """The last observations, to be stored."""
        return self.env.original

    def get_original_reward(self) -> Any:
        """The last rewards, to be stored."""
        return self.env.rewards

    def unnormalize_obs(self, observations: Any) -> Any:
        """Final observations come unscaled from `RewardedVecEnv`."""
        return observations

    def normalize_obs(self, observations: Any) -> Any:
        """A minibatch of stored observations, scaled."""
        return observations if self.observations is None else self.observations(observations)

    def normalize_reward(self, rewards: Any) -> Any:
        """A minibatch of stored rewards, scaled."""
        return rewards if self.rewards is None else self.rewards.scale(rewards)
