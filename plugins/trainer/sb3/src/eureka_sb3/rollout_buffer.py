"""The rollout buffer that asks for a whole rollout's rewards at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.buffers import RolloutBuffer

from eureka_sb3.normalise import RewardNormaliser


class RewardedRolloutBuffer(RolloutBuffer):  # type: ignore[misc]
    """A rollout whose rewards come in one call once it is full, before advantages are computed.

    fetch_rewards: → float64 (T, N), the reward of every step since the last call; may raise RewardFailed.
    normaliser: scales them before they are used.
    largest_reward: the largest absolute reward of the last rollout, before scaling.
    """

    def __init__(
        self,
        *args: Any,
        fetch_rewards: Callable[[], NDArray[np.float64]],
        normaliser: RewardNormaliser | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fetch_rewards = fetch_rewards
        self.normaliser = normaliser
        self.largest_reward = 0.0

    def compute_returns_and_advantage(self, last_values: Any, dones: NDArray[np.bool_]) -> None:
        """Add the rewards to `self.rewards`, which holds γ·V(final state) of truncated episodes by now, and go on as ever."""
        rewards = self.fetch_rewards()
        self.largest_reward = float(np.abs(rewards).max())
        if self.normaliser is not None:
            ends = np.concatenate([self.episode_starts[1:], dones[None]]).astype(bool)
            rewards = self.normaliser(rewards, ends)
        # A reward beyond float32 becomes infinite here and is found out as divergence after the update.
        with np.errstate(over="ignore"):
            self.rewards += rewards.astype(np.float32)
        super().compute_returns_and_advantage(last_values, dones)
