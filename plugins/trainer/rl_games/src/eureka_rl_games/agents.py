"""The agents of rl_games, with a rollout's rewards computed in one call once it is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rl_games.algos_torch.a2c_continuous import A2CAgent
from rl_games.algos_torch.a2c_discrete import DiscreteA2CAgent


class Rewarded:
    """Mixed into an agent that stepped with rewards of 0: the real ones come before advantages are computed.

    fetch_rewards: → float64 (T, N), the reward of every step since the last call, and bool (T, N), the steps at which an episode was cut
        off in a state that is not terminal; may raise RewardFailed. To be set.
    """

    fetch_rewards: Callable[[], tuple[NDArray[np.float64], NDArray[np.bool_]]]
    rewards_shaper: Any
    value_bootstrap: bool
    gamma: float
    ppo_device: str

    def discount_values(
        self, fdones: torch.Tensor, last_values: torch.Tensor, mb_fdones: torch.Tensor, mb_values: torch.Tensor, mb_rewards: torch.Tensor
    ) -> torch.Tensor:
        """Fill `mb_rewards`, (T, N, 1), as `play_steps` would have, and go on as ever."""
        rewards, time_outs = self.fetch_rewards()
        # A reward beyond float32 becomes infinite here and is found out as divergence after the update.
        with np.errstate(over="ignore"):
            single = torch.from_numpy(rewards.astype(np.float32))
        shaped = self.rewards_shaper(single.to(self.ppo_device).unsqueeze(2))
        if self.value_bootstrap:
            shaped.add_(self.gamma * mb_values * torch.from_numpy(time_outs).to(self.ppo_device).unsqueeze(2).float())
        mb_rewards.copy_(shaped)
        advantages: torch.Tensor = super().discount_values(  # type: ignore[misc]
            fdones, last_values, mb_fdones, mb_values, mb_rewards
        )
        return advantages


class ContinuousAgent(Rewarded, A2CAgent):  # type: ignore[misc]
    """For Box actions."""


class DiscreteAgent(Rewarded, DiscreteA2CAgent):  # type: ignore[misc]
    """For Discrete and MultiDiscrete actions."""
