"""Environments as people bring them, from a config to a summary: one file, a Dict observation, a wrapper, a robot's XML."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gymnasium.envs.mujoco
import pytest

CART = '''
"""A cart on a track, its reward in the middle of its physics."""

import gymnasium
import numpy as np
from gymnasium import spaces

GOAL_BONUS = 10.0


class Cart(gymnasium.Env):
    """Push the cart to the mark.

    The cart begins at rest somewhere on the track.

    ## Rewards
    Minus 0.7 times the distance, and 10 at the mark.
    """

    def __init__(self, push=0.1):
        self.push = push
        self.observation_space = spaces.Box(-4, 4, (2,), np.float32)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.position, self.velocity, self.effort = self.np_random.uniform(-2, 2), 0.0, 0.0
        self.last_potential = None
        return self.observe(), {}

    def observe(self):
        return np.array([self.position, self.velocity], np.float32)

    def step(self, action):
        potential = -0.7 * abs(self.position)
        self.velocity = 0.9 * self.velocity + self.push * float(action[0])
        self.position = float(np.clip(self.position + self.velocity, -4, 4))
        self.effort += abs(float(action[0]))
        r = potential - (self.last_potential or 0.0)
        self.last_potential = potential
        terminated = abs(self.position) < 0.05
        if terminated:
            r += GOAL_BONUS
        return self.observe(), r, terminated, False, {"r_goal": GOAL_BONUS * terminated}


class GoalCart(Cart):
    """The same, seen as a dictionary."""

    def __init__(self):
        super().__init__()
        self.observation_space = spaces.Dict({"cart": self.observation_space, "goal": spaces.Box(-4, 4, (1,), np.float32)})

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed)
        return {"cart": observation, "goal": np.zeros(1, np.float32)}, info

    def step(self, action):
        observation, r, terminated, truncated, info = super().step(action)
        return {"cart": observation, "goal": np.zeros(1, np.float32)}, r, terminated, truncated, info
'''
METER = """
import gymnasium


class Meter(gymnasium.Wrapper):
    def reset(self, **kwargs):
        self.energy_used = 0.0
        return super().reset(**kwargs)

    def step(self, action):
        self.energy_used += float(abs(action).sum())
        return super().step(action)
"""
# GoalCart's `observe` is the vector inside its dictionary, so Cart's own is not what the policy sees.
SIMS = {
    "file": {"env": "my_env.py:Cart", "kwargs": {"push": 0.2}, "max_episode_steps": 60},
    "dict": {"env": "my_env.py:GoalCart", "max_episode_steps": 60},
    "wrapped": {"env": "Pendulum-v1", "wrappers": ["meter.py:Meter"], "max_episode_steps": 60},
    "xml": {"env": "InvertedPendulum-v5", "kwargs": {"xml_file": "./my_pole.xml"}, "max_episode_steps": 60},
}
VARIABLES = {
    "file": {"obs": "obs", "effort": "env.effort"},
    "dict": {"cart": "obs.cart", "goal": "obs.goal"},
    "wrapped": {"energy_used": "env.energy_used", "angular_velocity": "obs[2]"},
    "xml": {"qpos": "env.data.qpos", "pole_position": "env.data.xpos[2]"},
}
LEAKS = ("0.7", "GOAL_BONUS", "10.0", "potential", "r_goal", "Rewards", "reward")


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    folder = sys.modules["tests.e2e.conftest"].Folder(tmp_path)
    folder.env["OMP_NUM_THREADS"] = "1"
    (tmp_path / "my_env.py").write_text(CART)
    (tmp_path / "meter.py").write_text(METER)
    assets = Path(gymnasium.envs.mujoco.__file__).parent / "assets"
    (tmp_path / "my_pole.xml").write_text((assets / "inverted_pendulum.xml").read_text().replace('gear="100"', 'gear="50"'))
    return folder


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.slow) if kind == "wrapped" else kind for kind in SIMS])
def test_a_search_runs_in_an_environment_of_ones_own(folder, kind):
    folder.write(
        "mine.yaml",
        {
            "task": {
                "name": "mine",
                "description": "Go to the mark.",
                "sim": {"use": "gymnasium", **SIMS[kind]},
                "fitness": {"value": "native"},
            },
            "trainer": {"num_envs": 2, "n_steps": 64, "n_epochs": 1},
            "search": {"iterations": 1, "samples": 2, "retest": 0},
            "training": {"steps": 256, "checkpoints": 2},
            "evaluation": {"max_episodes": 2},
            "executor": {"use": "local", "slots": 1},
            "final": {"seeds": 0, "clip": False},
        },
    )
    done = folder.eureka("run", "mine.yaml", "--run-dir", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it does not know your sentence" in done.stdout
    assert json.loads((folder.path / "run/summary.json").read_text())["best"]["fitness"] is not None
    journal = [json.loads(line) for line in (folder.path / "run/journal.jsonl").read_text().splitlines()]
    [context] = [record for record in journal if record["kind"] == "context"]
    sources = {name: variable["from"] for name, variable in context["derived"].items()}
    assert VARIABLES[kind].items() <= sources.items(), sources
    if kind in ("file", "dict"):
        assert "self.velocity" in context["text"], "the physics is to be seen"
        assert [word for word in LEAKS if word in context["text"]] == []
        assert not {"last_potential"} & set(sources)
