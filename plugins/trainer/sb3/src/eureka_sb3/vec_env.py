"""Core's recorded environment as the `VecEnv` stable-baselines3 steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from eureka.training import RecordedEnv
from eureka_sb3.normalise import ObservationNormaliser
from eureka_sb3.spaces import Seen, View, environment_actions, network_action_space, row


class RecordedVecEnv(VecEnv):  # type: ignore[misc]
    """Steps all rows; every reward is 0.0, for the rollout buffer adds the real ones later.

    seeds: one per row, for `reset`.
    view: what the network sees of an observation.
    normaliser: takes every observation a policy sees into its statistics, and scales them.
    """

    def __init__(self, env: RecordedEnv, seeds: list[int], view: View, normaliser: ObservationNormaliser | None) -> None:
        super().__init__(env.num_envs, view.space, network_action_space(env.action_space))
        self.env = env
        self.seeds = seeds
        self.view = view
        self.normaliser = normaliser

    def reset(self) -> Seen:
        """Start every row anew."""
        return self._seen(self.env.reset(self.seeds).observations)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[Seen, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Observations, rewards float32 (N,), episode ends (N,), and infos that tell truncated from terminated."""
        step = self.env.step(environment_actions(self._actions, self.env.action_space))
        observations = self._seen(step.observations)
        ends = step.terminated | step.truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if ends.any():
            final = self._final(step.final_observations)
            for index in np.flatnonzero(ends).tolist():
                infos[index] = {
                    "terminal_observation": row(final, index),
                    "TimeLimit.truncated": bool(step.truncated[index] and not step.terminated[index]),
                }
        return observations, self._rewards(ends), ends, infos

    def _seen(self, observations: NDArray[Any]) -> Seen:
        if self.normaliser is None:
            return self.view.convert(observations)
        self.normaliser.update(observations)
        return self.normaliser(observations)

    def _final(self, observations: NDArray[Any]) -> Seen:
        return self.view.convert(observations) if self.normaliser is None else self.normaliser(observations)

    def _rewards(self, ends: NDArray[np.bool_]) -> NDArray[np.float32]:
        return np.zeros(self.num_envs, np.float32)

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


class RewardedVecEnv(RecordedVecEnv):
    """The same for a replay buffer: each step asks for its rewards, and what is stored was not scaled yet.

    fetch_rewards: episode ends (N,) → float64 (N,), the rewards of the step just made, within float32; may raise RewardFailed.
    original: the last observations before scaling. rewards: the last rewards, float32 (N,).
    """

    original: Seen
    rewards: NDArray[np.float32]

    def __init__(self, *args: Any, fetch_rewards: Callable[[NDArray[np.bool_]], NDArray[np.float64]]) -> None:
        super().__init__(*args)
        self.fetch_rewards = fetch_rewards

    def _seen(self, observations: NDArray[Any]) -> Seen:
        self.original = self.view.convert(observations)
        return super()._seen(observations)

    def _final(self, observations: NDArray[Any]) -> Seen:
        return self.view.convert(observations)

    def _rewards(self, ends: NDArray[np.bool_]) -> NDArray[np.float32]:
        self.rewards = self.fetch_rewards(ends).astype(np.float32)
        return self.rewards
