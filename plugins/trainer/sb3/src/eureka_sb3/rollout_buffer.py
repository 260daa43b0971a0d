"""The rollout buffers that ask for a whole rollout's rewards at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.buffers import DictRolloutBuffer, RolloutBuffer

from eureka_sb3.normalise import RewardNormaliser


class Rewarded:
    """Mixed into a rollout buffer: a rollout whose rewards come in one call once it is full, before advantages are computed.

    fetch_rewards: → float64 (T, N), the reward of every step since the last call; may raise RewardFailed.
    normaliser: scales them before they are used.
    """

    episode_starts: NDArray[np.float32]
    rewards: NDArray[np.float32]

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

    def compute_returns_and_advantage(self, last_values: Any, dones: NDArray[np.bool_]) -> None:
        """Add the rewards to `self.rewards`, which holds γ·V(final state) of truncated episodes by now, and go on as ever."""
        rewards = self.fetch_rewards()
        if self.normaliser is not None:
            ends = np.concatenate([self.episode_starts[1:], dones[None]]).astype(bool)
            rewards = self.normaliser(rewards, ends)
        # A reward beyond float32 becomes infinite here and is found out as divergence after the update.
        with np.errstate(over="ignore"):
            self.rewards += rewards.astype(np.float32)
        super().compute_returns_and_advantage(last_values, dones)  # type: ignore[misc]


class RewardedRolloutBuffer(Rewarded, RolloutBuffer):  # type: ignore[misc]
    """For observations that are one array."""


class RewardedDictRolloutBuffer(Rewarded, DictRolloutBuffer):  # type: ignore[misc]
    """For observations in parts."""
