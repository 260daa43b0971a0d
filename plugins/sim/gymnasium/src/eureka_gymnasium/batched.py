"""N separate Gymnasium environments as one batch. Separate, since Gymnasium's vectorised ones share a generator between rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from eureka.env import Reset, Step
from eureka.spaces import Space
from eureka_gymnasium import saved_rows
from eureka_gymnasium.layers import inner_step, layers, resets_wholly, time_limit
from eureka_gymnasium.reading import Readers


class GymnasiumEnv:
    """A `BatchedEnv` whose rows are stepped one after another in this process.

    stepper: gives, for the environment inside of all wrappers, what to call instead of its `step`.
    """

    def __init__(
        self, make: Callable[[], gymnasium.Env[Any, Any]], num_envs: int, readers: Readers, stepper: Callable[[Any], Any] | None = None
    ) -> None:
        self.num_envs = num_envs
        self.observation_space: Space = readers.observations.space
        self.action_space: Space = readers.actions.space
        self._readers = readers
        self._box = readers.observations.space
        self._encode = readers.observations.encode
        self._make = make
        self._stepper = stepper
        self._envs = [make() for _ in range(num_envs)]
        self._layers = [layers(env) for env in self._envs]
        self._steps = [self._step_of(env) for env in self._envs]
        self._fresh = True
        self.max_episode_steps = time_limit(self._envs[0])

    def reset(self, seeds: Sequence[int]) -> Reset:
        """See `BatchedEnv.reset`. Rows that were used before are made anew where a seeded reset might leave something of before."""
        if not self._fresh and not resets_wholly(self._layers[0]):
            self.close()
            for row in range(self.num_envs):
                self._use(row, self._make())
        self._fresh = False
        observations, block = self._empty_observations(), self._readers.block(self.num_envs)
        for row, seed in zip(range(self.num_envs), seeds, strict=True):
            observation, info = self._envs[row].reset(seed=int(seed))
            observations[row] = self._encode(observation)
            block.read(row, observation, info, self._layers[row])
        return Reset(observations, block.values() | self._readers.of_observations(observations))

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """See `BatchedEnv.step`. Rows that are not active read 0 everywhere."""
        n, encode, steps, env_layers = self.num_envs, self._encode, self._steps, self._layers
        row_actions, applied = self._readers.actions.apply(actions)
        final, block = self._empty_observations(), self._readers.block(n)
        read, reads_rows = block.read, block.reads_rows
        native, terminated, truncated = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        ended: list[int] = []
        for row in range(n) if active is None else np.flatnonzero(active).tolist():
            step, limit = steps[row]
            observation, native[row], is_terminated, is_truncated, info = step(row_actions[row])
            if limit is not None:  # what TimeLimit does, without the calls through it
                limit._elapsed_steps += 1
                is_truncated = is_truncated or limit._elapsed_steps >= limit._max_episode_steps
            final[row] = encode(observation)
            if reads_rows:
                read(row, observation, info, env_layers[row])
            if is_terminated or is_truncated:
                terminated[row], truncated[row] = is_terminated, is_truncated
                ended.append(row)
        values = block.values() | self._readers.of_observations(final)
        observations = final.copy()
        if not ended:
            return Step(
                observations, terminated, truncated, final, applied, native, values, {name: value.copy() for name, value in values.items()}
            )
        for row in ended:
            observation, info = self._envs[row].reset()
            observations[row] = encode(observation)
            block.clear(row)  # An `info` key the reset does not give is 0, not the ended episode's.
            read(row, observation, info, env_layers[row])
        reset_values = block.values() | self._readers.of_observations(observations)
        return Step(observations, terminated, truncated, final, applied, native, values, reset_values)

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """See `BatchedEnv.save_state`: each row's pickle, with episode, generator and time limit."""
        return saved_rows.write(path, self._envs[rows])

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """See `BatchedEnv.load_state`. Raises PluginContractError where the number of rows differs."""
        at = range(self.num_envs)[rows]
        for row, env in zip(at, saved_rows.read(path, len(at)), strict=True):
            self._envs[row].close()
            self._use(row, env)
        self._fresh = False

    def close(self) -> None:
        """Close every row."""
        for env in self._envs:
            env.close()

    def _use(self, row: int, env: gymnasium.Env[Any, Any]) -> None:
        self._envs[row], self._layers[row], self._steps[row] = env, layers(env), self._step_of(env)

    def _step_of(self, env: gymnasium.Env[Any, Any]) -> tuple[Callable[[Any], Any], gymnasium.wrappers.TimeLimit | None]:
        step, limit = inner_step(env)
        return (step if self._stepper is None else self._stepper(env.unwrapped)), limit

    def _empty_observations(self) -> NDArray[np.generic]:
        return np.zeros((self.num_envs, *self._box.shape), self._box.dtype)
