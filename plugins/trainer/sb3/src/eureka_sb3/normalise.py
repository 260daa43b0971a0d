"""Running normalisation of observations and rewards, after stable-baselines3's `VecNormalize`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.running_mean_std import RunningMeanStd

from eureka.errors import RewardFailed

CLIP = 10.0
EPSILON = 1e-8


class ObservationNormaliser:
    """(observation − running mean) / running deviation, clipped to ±10. float32 (B, *shape)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.statistics = RunningMeanStd(shape=shape)

    def update(self, observations: NDArray[np.generic]) -> None:
        """Take a batch (B, *shape) into the statistics."""
        self.statistics.update(observations)

    def __call__(self, observations: NDArray[np.generic]) -> NDArray[np.float32]:
        """Normalise with the statistics as they are; does not change them."""
        s = self.statistics
        scaled = (observations - s.mean) / np.sqrt(s.var + EPSILON)
        clipped: NDArray[np.float32] = np.clip(scaled, -CLIP, CLIP).astype(np.float32)
        return clipped

    def state(self) -> dict[str, Any]:
        """All there is to keep, as float64 arrays and a number."""
        return statistics_state(self.statistics)

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        load_statistics(self.statistics, state)


class RewardNormaliser:
    """reward / running deviation of the discounted return, clipped to ±10.

    Engstrom et al. 2020, algorithm 1, with the return reset at episode ends as `VecNormalize` does.
    """

    def __init__(self, gamma: float, num_envs: int) -> None:
        self.gamma = gamma
        self.statistics = RunningMeanStd(shape=())
        self.returns = np.zeros(num_envs)

    def __call__(self, rewards: NDArray[np.float64], ends: NDArray[np.bool_]) -> NDArray[np.float64]:
        """A whole rollout, each step with the statistics up to it.

        rewards: float64 (T, N). ends: bool (T, N), the episode ended with this step. Returns float64 (T, N). Raises RewardFailed
        where the rewards are too large for their variance to be a float64.
        """
        scaled = np.empty_like(rewards)
        for step, (reward, end) in enumerate(zip(rewards, ends, strict=True)):
            self._add(reward, end)
            scaled[step] = self.scale(reward)
        self._check(rewards)
        return scaled

    def update(self, reward: NDArray[np.float64], end: NDArray[np.bool_]) -> None:
        """Take one step (N,) into the statistics; raises RewardFailed as above."""
        self._add(reward, end)
        self._check(reward)

    def scale(self, rewards: NDArray[Any]) -> NDArray[Any]:
        """Rewards of any shape, with the statistics as they are."""
        with np.errstate(over="ignore", invalid="ignore"):
            scaled: NDArray[Any] = np.clip(rewards / np.sqrt(self.statistics.var + EPSILON), -CLIP, CLIP)
        return scaled

    def _add(self, reward: NDArray[np.float64], end: NDArray[np.bool_]) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            self.returns = self.returns * self.gamma + reward
            self.statistics.update(self.returns)
        self.returns[end] = 0.0

    def _check(self, rewards: NDArray[np.float64]) -> None:
        if not np.isfinite(self.statistics.var):
            raise RewardFailed(
                "non_finite", f"training diverged: rewards of up to {np.abs(rewards).max():.3g} are too large to be normalised"
            )

    def state(self) -> dict[str, Any]:
        """All there is to keep, as float64 arrays and a number."""
        return {**statistics_state(self.statistics), "returns": self.returns}

    def load(self, state: Mapping[str, Any], *, same_episodes: bool) -> None:
        """Go on from `state`; the running returns belong to its episodes."""
        load_statistics(self.statistics, state)
        if same_episodes:
            self.returns = np.array(state["returns"], np.float64)


def statistics_state(statistics: RunningMeanStd) -> dict[str, Any]:
    """mean and var: float64 (*shape); count: a float."""
    return {"mean": np.asarray(statistics.mean), "var": np.asarray(statistics.var), "count": float(statistics.count)}


def load_statistics(statistics: RunningMeanStd, state: Mapping[str, Any]) -> None:
    """Undo `statistics_state`."""
    statistics.mean = np.array(state["mean"], np.float64)
    statistics.var = np.array(state["var"], np.float64)
    statistics.count = float(state["count"])
