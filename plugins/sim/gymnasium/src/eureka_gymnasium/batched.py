"""N separate Gymnasium environments as one batch. Separate, since Gymnasium's vectorised ones share a generator between rows."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from eureka.env import Reset, Step
from eureka.errors import PluginContractError
from eureka.spaces import Space
from eureka_gymnasium.layers import layers, time_limit
from eureka_gymnasium.reading import Readers


class GymnasiumEnv:
    """A `BatchedEnv` whose rows are stepped one after another in this process."""

    _envs: list[gymnasium.Env[Any, Any]]
    _layers: list[list[gymnasium.Env[Any, Any]]]
    _fresh: bool

    def __init__(self, make: Callable[[], gymnasium.Env[Any, Any]], num_envs: int, readers: Readers) -> None:
        self.num_envs = num_envs
        self.observation_space: Space = readers.observations.space
        self.action_space: Space = readers.actions.space
        self._readers = readers
        self._box = readers.observations.space
        self._encode = readers.observations.encode
        self._make = make
        self._use([make() for _ in range(num_envs)], fresh=True)
        self.max_episode_steps = time_limit(self._envs[0])

    def reset(self, seeds: Sequence[int]) -> Reset:
        """See `BatchedEnv.reset`. Rows that were used before are made anew."""
        if not self._fresh:
            # A seeded reset does not undo everything: a used Box2D world steps differently from a new one, and a row would
            # depend on whose episodes it held before.
            self.close()
            self._use([self._make() for _ in range(self.num_envs)], fresh=True)
        self._fresh = False
        observations, values = self._empty_observations(), self._readers.buffers(self.num_envs)
        for row, seed in zip(range(self.num_envs), seeds, strict=True):
            observation, info = self._envs[row].reset(seed=int(seed))
            observations[row] = self._encode(observation)
            self._readers.read_row(values, row, observation, info, self._layers[row])
        self._readers.read_all(values, observations)
        return Reset(observations, values)

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """See `BatchedEnv.step`. Rows that are not active read 0 everywhere."""
        n, readers, encode = self.num_envs, self._readers, self._encode
        row_actions, applied = readers.actions.apply(actions)
        final, values = self._empty_observations(), readers.buffers(n)
        native, terminated, truncated = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        ended: list[int] = []
        for row in range(n) if active is None else np.flatnonzero(active).tolist():
            observation, reward, is_terminated, is_truncated, info = self._envs[row].step(row_actions[row])
            final[row] = encode(observation)
            native[row], terminated[row], truncated[row] = reward, is_terminated, is_truncated
            readers.read_row(values, row, observation, info, self._layers[row])
            if is_terminated or is_truncated:
                ended.append(row)
        readers.read_all(values, final)

        observations, reset_values = final.copy(), {name: value.copy() for name, value in values.items()}
        for row in ended:
            observation, info = self._envs[row].reset()
            observations[row] = encode(observation)
            for value in reset_values.values():
                value[row] = 0.0  # An `info` key the reset does not give is 0, not the ended episode's.
            readers.read_row(reset_values, row, observation, info, self._layers[row])
        if ended:
            readers.read_all(reset_values, observations)
        return Step(observations, terminated, truncated, final, applied, native, values, reset_values)

    def save_state(self, path: Path) -> bool:
        """See `BatchedEnv.save_state`: the rows' pickle, with episodes, generators and time limits."""
        # EzPickle keeps constructor arguments only: it would come back as a new environment and never say so.
        if any(isinstance(layer, gymnasium.utils.EzPickle) for row in self._layers for layer in row):
            return False
        try:
            data = pickle.dumps(self._envs, pickle.HIGHEST_PROTOCOL)
        except Exception:  # Whatever a simulator's object raises, it means that it does not pickle.
            return False
        partial = path.with_name(f"{path.name}.partial")
        partial.write_bytes(data)
        partial.replace(path)
        return True

    def load_state(self, path: Path) -> None:
        """See `BatchedEnv.load_state`. Raises PluginContractError where the number of rows differs."""
        envs = pickle.loads(path.read_bytes())
        if len(envs) != self.num_envs:
            raise PluginContractError(f"gymnasium: {path} holds {len(envs)} rows, but this environment has {self.num_envs}.")
        self.close()
        self._use(envs, fresh=False)

    def close(self) -> None:
        """Close every row."""
        for env in self._envs:
            env.close()

    def _use(self, envs: list[gymnasium.Env[Any, Any]], fresh: bool) -> None:
        self._envs = envs
        self._fresh = fresh
        self._layers = [layers(env) for env in envs]

    def _empty_observations(self) -> NDArray[np.generic]:
        return np.zeros((self.num_envs, *self._box.shape), self._box.dtype)
