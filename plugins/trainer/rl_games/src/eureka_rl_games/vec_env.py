"""Core's recorded environment as the vector environment rl_games steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rl_games.common.ivecenv import IVecEnv

from eureka.training import RecordedEnv
from eureka_rl_games.spaces import environment_actions, seen


class RecordedVecEnv(IVecEnv):  # type: ignore[misc]
    """Steps all rows; every reward is 0.0, for the agent fetches the real ones later.

    seeds: one per row, for `reset`.
    """

    def __init__(self, env: RecordedEnv, seeds: list[int]) -> None:
        self.env = env
        self.seeds = seeds
        self._ends: list[NDArray[np.bool_]] = []
        self._time_outs: list[NDArray[np.bool_]] = []

    def reset(self) -> NDArray[Any]:
        """Start every row anew. Observations (N, *shape), uint8 or float32."""
        return seen(self.env.reset(self.seeds).observations, self.env.observation_space)

    def step(self, actions: NDArray[np.generic]) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.bool_], dict[str, Any]]:
        """Observations, rewards float32 (N,), episode ends bool (N,), and no infos: the agent learns of time-outs with the rewards."""
        step = self.env.step(environment_actions(actions, self.env.action_space))
        self._time_outs.append(step.truncated & ~step.terminated)
        self._ends.append(step.terminated | step.truncated)
        observations = seen(step.observations, self.env.observation_space)
        return observations, np.zeros(self.env.num_envs, np.float32), self._ends[-1], {}

    def take(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Of the steps since the last call, bool (T, N) each: which ended an episode, and which of these without being terminal."""
        taken = np.stack(self._ends), np.stack(self._time_outs)
        self._ends, self._time_outs = [], []
        return taken
