"""N rows of classic control as one batch of arrays, each with a generator of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray

from eureka.env import Array, Reset, Step
from eureka.errors import PluginContractError
from eureka.spaces import Discrete, Space
from eureka_gymnasium import saved_rows
from eureka_gymnasium.blocks import all_rows
from eureka_gymnasium.classic.dynamics import Dynamics
from eureka_gymnasium.layers import Env, bare
from eureka_gymnasium.reading import Readers


class ClassicEnv:
    """A `BatchedEnv` whose numbers are those of `GymnasiumEnv` and come sooner. See `choice.classic`, which makes it.

    env: one environment as `gymnasium.make` gives it, to save rows as; it belongs to the batch. dynamics: made for it.
    """

    def __init__(self, env: Env, dynamics: Dynamics, num_envs: int, readers: Readers) -> None:
        self.num_envs = num_envs
        self.observation_space: Space = readers.observations.space
        self.action_space: Space = readers.actions.space
        self._actions = self.action_space.n if isinstance(self.action_space, Discrete) else None
        env.reset()  # Saved rows are this one in their states; it must not refuse to step.
        self._env, (self._inner, self._limit) = env, bare(env)  # type: ignore[misc]
        self.max_episode_steps = None if self._limit is None else self._limit._max_episode_steps
        self._readers, self._dynamics = readers, dynamics
        self._of_state = {name: source.steps[1:] for name, source in readers.by_row.items()}
        self._rngs: list[np.random.Generator] = [np.random.default_rng(0)] * num_envs
        self._elapsed = np.zeros(num_envs, np.int64)
        self._fresh = np.ones(num_envs, np.bool_)
        # What was neither reset nor loaded shows.
        self._state: Array = np.full((len(dynamics.draw(self._rngs[0])), num_envs), np.nan)

    def reset(self, seeds: Sequence[int]) -> Reset:
        """See `BatchedEnv.reset`."""
        self._rngs = [seeding.np_random(int(seed))[0] for _, seed in zip(range(self.num_envs), seeds, strict=True)]
        self._state = self._drawn(range(self.num_envs))
        self._elapsed, self._fresh = np.zeros_like(self._elapsed), np.ones_like(self._fresh)
        observations = self._dynamics.observe(self._state, reset=True)
        return Reset(observations, self._values(observations))

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """See `BatchedEnv.step`. Rows that are not active tell the state they stand in. Raises PluginContractError for no valid action."""
        rows = self._checked(self._readers.actions.clip(actions), active)
        state, native, terminated = self._dynamics.step(self._state, rows, self._fresh)
        elapsed, fresh = self._elapsed + 1, np.zeros_like(self._fresh)
        truncated = np.zeros_like(fresh) if self.max_episode_steps is None else elapsed >= self.max_episode_steps
        if active is not None:
            state, elapsed, fresh = np.where(active, state, self._state), self._elapsed + active, self._fresh & ~active
            terminated, truncated = terminated & active, truncated & active
        final = self._dynamics.observe(state)
        values, observations = self._values(final, state), final.copy()
        ended = np.flatnonzero(terminated | truncated)
        if len(ended):
            state[:, ended] = self._drawn(ended.tolist())
            elapsed[ended], fresh[ended] = 0, True
            observations[ended] = self._dynamics.observe(state[:, ended], reset=True)
        self._state, self._elapsed, self._fresh = state, elapsed, fresh
        reset_values = self._values(observations) if len(ended) else {name: value.copy() for name, value in values.items()}
        applied = rows.reshape(self.num_envs, -1).astype(np.float64)
        return Step(observations, terminated, truncated, final, applied, native, values, reset_values)

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """See `BatchedEnv.save_state`. The file is the one `GymnasiumEnv` writes."""
        return saved_rows.write(path, self._as_environments(range(self.num_envs)[rows]))

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """See `BatchedEnv.load_state`. Raises PluginContractError where the number of rows differs."""
        at = range(self.num_envs)[rows]
        for row, env in zip(at, saved_rows.read(path, len(at)), strict=True):
            inner, limit = bare(env)  # type: ignore[misc]
            state = np.asarray(inner.state)
            self._state[:, row], self._rngs[row] = state, inner.np_random
            self._elapsed[row] = 0 if limit is None else limit._elapsed_steps
            # Only of these two kinds is it asked whether a state is a reset's.
            self._fresh[row] = state.dtype == self._dynamics.at_reset

    def close(self) -> None:
        """Close the environment that stands for all."""
        self._env.close()

    def _checked(self, rows: NDArray[Any], active: NDArray[np.bool_] | None) -> NDArray[Any]:
        if self._actions is None:
            return rows
        if active is not None:
            rows = np.where(active, rows, 0)  # A row that rests may be given anything.
        bad = (rows < 0) | (rows >= self._actions)
        if bad.any():
            row = int(np.argmax(bad))
            raise PluginContractError(f"gymnasium: the action of row {row} is {rows[row]}; valid are 0 to {self._actions - 1}.")
        return rows

    def _drawn(self, rows: Sequence[int]) -> Array:
        return np.stack([self._dynamics.draw(self._rngs[row]) for row in rows], axis=1)

    def _values(self, observations: NDArray[np.generic], state: Array | None = None) -> dict[str, Array]:
        values = self._readers.of_observations(observations)
        if self._of_state:
            by_row = (self._state if state is None else state).T
            values |= {name: all_rows(index, by_row) for name, index in self._of_state.items()}
        return values

    def _as_environments(self, rows: Sequence[int]) -> Iterator[Env]:
        """Each row as Gymnasium's environment, the same object every time: it is to be looked at before the next."""
        inner: Any = self._inner
        for row in rows:
            kind = self._dynamics.at_reset if self._fresh[row] else self._dynamics.after_step
            inner.state, inner.np_random = self._state[:, row].astype(kind), self._rngs[row]
            if self._limit is not None:
                self._limit._elapsed_steps = int(self._elapsed[row])
            yield self._env
