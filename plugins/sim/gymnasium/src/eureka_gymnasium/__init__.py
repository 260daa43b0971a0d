"""Simulator plugin for Gymnasium environments. Importing it loads neither gymnasium nor a simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eureka_gymnasium.sim import GymnasiumSim

if TYPE_CHECKING:
    from eureka_gymnasium.reward_wrapper import RewardWrapper

__all__ = ["GymnasiumSim", "RewardWrapper"]


def __getattr__(name: str) -> Any:
    if name != "RewardWrapper":
        raise AttributeError(f"module 'eureka_gymnasium' has no attribute {name!r}")
    from eureka_gymnasium.reward_wrapper import RewardWrapper

    return RewardWrapper
