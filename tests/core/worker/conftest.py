"""A counter as environment: row j counts up from its seed by the action taken; small enough to know every number by heart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eureka.env import Reset, Step
from eureka.spaces import Box
from eureka.types import Task


class CounterEnv:
    """Terminates at `top`, truncates after `max_episode_steps`; a reset row starts at its seed again.

    Sources: `count` (N,), `pair` (N, 2) = (count, −count), `info` (N,) = 10 after a step and 0 after a reset.
    """

    def __init__(self, num_envs, top=1000.0, max_episode_steps=None):
        self.num_envs = num_envs
        self.observation_space = Box(shape=(1,), low=(-1e9,), high=(1e9,))
        self.action_space = Box(shape=(1,), low=(-1.0,), high=(1.0,))
        self.max_episode_steps = max_episode_steps
        self.top = top
        self.active = []
        self.start, self.count, self.steps = (np.zeros(num_envs) for _ in range(3))

    def _values(self, count, info):
        return {name: a for source, a in (("obs[0]", count), ("info.x", info)) for name in self.names.get(source, ())} | {
            name: np.stack([count, -count], axis=1) for name in self.names.get("obs[0:2]", ())
        }

    def read(self, sources):
        self.names = {}
        for name, source in sources.items():
            self.names.setdefault(source, []).append(name)
        return self

    def reset(self, seeds):
        self.start = np.asarray(seeds, float)
        self.count, self.steps = self.start.copy(), np.zeros(self.num_envs)
        return Reset(self.count[:, None].copy(), self._values(self.count.copy(), np.zeros(self.num_envs)))

    def step(self, actions, active=None):
        self.active.append(active)
        resting = np.zeros(self.num_envs, bool) if active is None else ~active
        applied = np.clip(np.asarray(actions, float), -1, 1)
        reached, steps = self.count + applied[:, 0], self.steps + 1
        terminated, truncated = reached >= self.top, steps == (self.max_episode_steps or np.inf)
        after = np.where(terminated | truncated, self.start, reached)
        self.count, self.steps = after.copy(), np.where(terminated | truncated, 0, steps)
        reached, after = np.where(resting, np.nan, reached), np.where(resting, np.nan, after)
        info = np.full(self.num_envs, 10.0)
        ended = terminated | truncated
        values, reset_values = self._values(reached, info), self._values(after, np.where(ended, 0.0, info))
        return Step(after[:, None], terminated, truncated, reached[:, None], applied, -reached, values, reset_values)

    def save_state(self, path, rows=slice(None)):
        if self.top < 0:
            return False
        path.write_text(json.dumps([array[rows].tolist() for array in (self.start, self.count, self.steps)]))
        return True

    def load_state(self, path, rows=slice(None)):
        self.start[rows], self.count[rows], self.steps[rows] = json.loads(path.read_text())

    def close(self):
        pass


@pytest.fixture
def counter_env():
    return CounterEnv


@pytest.fixture
def make_task():
    """A task over the counter. variables: name → source."""

    def make(variables=None, value="obs[0]", fold="sum", goal="maximize", terminated_is_success=False):
        return Task.model_validate(
            {
                "name": "counter",
                "description": "count",
                "sim": "fake",
                "variables": {n: {"from": s} for n, s in (variables or {"count": "obs[0]", "action": "action"}).items()},
                "fitness": {"value": value, "fold": fold, "goal": goal},
                "terminated_is_success": terminated_is_success,
            }
        )

    return make
