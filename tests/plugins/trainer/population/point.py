"""A point on a line as a simulator, small enough to see through, with every kind of action; used as `FILE.py:PointSim`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import eureka
from eureka.env import EnvRequest, Reset, Step
from eureka.spaces import Box, Discrete, MultiDiscrete

ACTIONS = {
    "discrete": Discrete(n=3, start=1),
    "multi-discrete": MultiDiscrete(nvec=(2, 3), start=(0, 5)),
    "box": Box(shape=(1,), low=(-1.0,), high=(1.0,)),
    "unbounded": Box(shape=(1, 1), low=(-np.inf,), high=(np.inf,)),
}


class PointEnv:
    """x moves by up to 0.2 a step; |x| > 1.5 terminates, 20 steps truncate. Observes (x, share of the limit). Fitness: −|x|.

    A row that rests gives no number at all, so that nobody can have used it.
    """

    observation_space = Box(shape=(2,), low=(-np.inf,) * 2, high=(np.inf,) * 2, dtype="float64")
    max_episode_steps = 20

    def __init__(self, num_envs: int, sources: Mapping[str, str], options) -> None:
        self.num_envs, self.names, self.options = num_envs, tuple(sources), options
        self.action_space = ACTIONS[options.actions]
        self.x, self.t, self.rngs = np.zeros(num_envs), np.zeros(num_envs, int), [np.random.default_rng() for _ in range(num_envs)]

    def reset(self, seeds: Sequence[int]) -> Reset:
        self.rngs = [np.random.default_rng(seed) for seed in seeds]
        self.x, self.t = np.array([rng.uniform(-1, 1) for rng in self.rngs]), np.zeros(self.num_envs, int)
        return Reset(self._observe(), self._values())

    def step(self, actions, active=None) -> Step:
        resting = np.zeros(self.num_envs, bool) if active is None else ~active
        kind, n = self.options.actions, self.num_envs
        push, high = np.zeros(n), 1.0
        if kind == "discrete":
            assert actions.shape == (n,) and actions.dtype.kind == "i" and {1, 2, 3} >= set(actions[~resting])
            push, applied = actions - 2.0, (actions - 1.0)[:, None]
        elif kind == "multi-discrete":
            assert actions.shape == (n, 2) and actions.dtype.kind == "i"
            assert {0, 1} >= set(actions[~resting, 0]) and {0, 1, 2} >= set(actions[~resting, 1])
            push, applied = (2 * actions[:, 0] - 1.0) * actions[:, 1] / 2, actions.astype(float)
        else:
            high = np.inf if kind == "unbounded" else 1.0
            assert actions.shape == (n, 1) and np.abs(actions[~resting]).max() <= high
            push, applied = np.clip(actions[:, 0], -1, 1).astype(float), actions.astype(float)
        self.x, self.t = np.where(resting, np.nan, self.x + 0.2 * push), self.t + 1
        terminated, truncated = np.abs(self.x) > 1.5, self.t >= 20
        final, values, native = self._observe(), self._values(), -np.abs(self.x)
        for row in np.flatnonzero(terminated | truncated):
            self.x[row], self.t[row] = self.rngs[row].uniform(-1, 1), 0
        return Step(self._observe(), terminated, truncated, final, applied, native, values, self._values())

    def _observe(self):
        return np.stack([self.x, self.t / 20], axis=1)

    def _values(self):
        return {name: self.x.copy() for name in self.names}

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        if self.options.saves:
            path.write_text(json.dumps([self.x[rows].tolist(), self.t[rows].tolist(), [r.bit_generator.state for r in self.rngs[rows]]]))
        return self.options.saves

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        self.x[rows], self.t[rows], states = json.loads(path.read_text())
        for rng, state in zip(self.rngs[rows], states, strict=True):
            rng.bit_generator.state = state

    def close(self) -> None:
        pass


class PointSim(eureka.Component):
    """A point on a line."""

    class Options(eureka.Options):
        actions: str = "discrete"
        saves: bool = True

    @eureka.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> PointEnv:
        return PointEnv(request.num_envs, request.sources, self.options)

    @eureka.hookimpl
    def eureka_extract_context(self, request) -> str:
        return "A point on a line."
