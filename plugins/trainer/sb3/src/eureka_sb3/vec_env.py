"""Core's recorded environment as the `VecEnv` stable-baselines3 steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from eureka.training import RecordedEnv
from eureka_sb3.normalise import ObservationNormaliser
from eureka_sb3.spaces import environment_actions, network_action_space, network_observation_space, network_observations


class RecordedVecEnv(VecEnv):  # type: ignore[misc]
    """Steps all rows; every reward is 0.0, for the rollout buffer adds the real ones later.

    seeds: one per row, for `reset`.
    normaliser: takes every observation a policy sees into its statistics, and scales them.
    """

    def __init__(self, env: RecordedEnv, seeds: list[int], normaliser: ObservationNormaliser | None) -> None:
        super().__init__(env.num_envs, network_observation_space(env.observation_space), network_action_space(env.action_space))
        self.env = env
        self.seeds = seeds
        self.normaliser = normaliser

    def reset(self) -> NDArray[Any]:
        """Start every row anew."""
        return self._seen(self.env.reset(self.seeds).observations)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Observations, zero rewards float32 (N,), episode ends (N,), and infos that tell truncated from terminated."""
        step = self.env.step(environment_actions(self._actions, self.env.action_space))
        observations = self._seen(step.observations)
        ends = step.terminated | step.truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if ends.any():
            final = network_observations(step.final_observations, self.env.observation_space, self.normaliser)
            for row in np.flatnonzero(ends):
                infos[row] = {
                    "terminal_observation": final[row],
                    "TimeLimit.truncated": bool(step.truncated[row] and not step.terminated[row]),
                }
        return observations, np.zeros(self.num_envs, np.float32), ends, infos

    def _seen(self, observations: NDArray[Any]) -> NDArray[Any]:
        if self.normaliser is not None:
            self.normaliser.update(observations)
        return network_observations(observations, self.env.observation_space, self.normaliser)

    def close(self) -> None:
        """Free what the simulator holds."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The library asks for `render_mode` alone, and nothing is drawn."""
        if attr_name != "render_mode":
            raise AttributeError(attr_name)
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Rows have no attributes of their own."""
        raise AttributeError(attr_name)

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Rows have no methods of their own."""
        raise AttributeError(method_name)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> Sequence[bool]:
        """Rows are in no Gymnasium wrapper the library could know."""
        return [False] * self.num_envs
