"""Shipped environments by name, and a short way to make a batch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from eureka.config import load_config
from eureka.env import EnvRequest
from eureka_torch import TorchSim
from eureka_torch.draw import Draw, seed_tensor
from eureka_torch.loading import load_class

TASKS = ("torch_cartpole", "torch_quadcopter", "torch_reorient")
FIELDS = ("observations", "final_observations", "terminated", "truncated", "actions", "native")


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As jobs have it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def sources_of(name):
    return {key: spec.source for key, spec in load_config(name).task.variables.items() if spec.source != "action"}


def make(env: str, n: int = 1, sources: Mapping[str, str] | None = None, task: object = None, **options):
    """A batch of a shipped task's environment, or of `FILE.py:Class`."""
    if env in TASKS:
        env = load_config(env).task.sim.options["env"]
    return TorchSim(TorchSim.Options(env=env, **options)).eureka_make_env(EnvRequest(task, n, sources or {}))


def bare(name, **kwargs):
    """The environment itself."""
    return load_class(load_config(name).task.sim.options["env"])(**kwargs)


def draw(rows, step=0, seed=0):
    zeros = torch.zeros(rows, dtype=torch.int64)
    return Draw(seed_tensor(range(seed, seed + rows)), zeros, zeros + step)


def rolled(env, act, steps, rows=64, begin=None):
    """The states of `steps` steps after the first, under the actions `act(state)`; nothing is reset."""
    states = [begin or env.reset(draw(rows))]
    for step in range(1, steps + 1):
        states.append(env.step(states[-1], torch.clamp(act(states[-1]), -1.0, 1.0), draw(rows, step)))
    return states


def series(states, name):
    return torch.stack([state[name] for state in states])


def actions_of(env, steps, seed=0):
    return np.random.default_rng(seed).normal(0.0, 0.7, (steps, env.num_envs, env.action_space.shape[0]))


def record(env, actions):
    """What every step returned, by name, stacked over time."""
    steps = [env.step(a) for a in actions]
    found = {name: np.stack([getattr(step, name) for step in steps]) for name in FIELDS}
    for name in steps[0].values:
        found[name] = np.stack([step.values[name] for step in steps])
        found[f"reset {name}"] = np.stack([step.reset_values[name] for step in steps])
    return found


def assert_equal(found, expected):
    for name, values in expected.items():
        assert found[name].dtype == values.dtype, name
        np.testing.assert_array_equal(found[name], values, err_msg=name)


COUNTER = '''
"""An environment whose numbers are known beforehand."""

import torch

from eureka_torch import TorchEnv, box


class Counter(TorchEnv):
    """Counts its steps and ends at `last`."""

    observation_space = box(3)
    action_space = box(2, -1.0, 1.0)

    def __init__(self, last=4):
        self.last = last

    def reset(self, draw):
        return {"clock": torch.zeros(draw.num_rows), "start": draw.uniform(size=2)}

    def step(self, state, actions, draw):
        return {"clock": state["clock"] + 1.0, "start": state["start"]}

    def observe(self, state):
        return torch.cat((state["clock"][:, None], state["start"]), dim=1)

    def variables(self, state):
        return {"clock": state["clock"], "start": state["start"]}

    def terminated(self, state):
        return state["clock"] >= self.last

    def native(self, state, actions):
        return 10.0 * state["clock"] + actions[:, 0]
'''


@pytest.fixture
def counter(tmp_path) -> str:
    (tmp_path / "counter.py").write_text(COUNTER)
    return f"{tmp_path / 'counter.py'}:Counter"


@pytest.fixture
def written(tmp_path):
    """A file of the counter's, with replacements."""

    def written(*replacements: tuple[str, str], name: str = "Counter", file: str = "own.py") -> str:
        text = COUNTER
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = Path(tmp_path, file)
        path.write_text(text)
        return f"{path}:{name}"

    return written


sys.modules["torch_envs"] = sys.modules[__name__]  # the tests beside it import these by that name
