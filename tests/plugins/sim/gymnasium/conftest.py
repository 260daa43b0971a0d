"""Environments made for these tests, and a short way to make a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from eureka.env import EnvRequest
from eureka_gymnasium import GymnasiumSim


class Leg:
    def __init__(self):
        self.ground_contact = False
        self.force = np.zeros(3)


class Robot(gymnasium.Env):
    """A Dict observation, nested attributes and infos. Its clock counts steps, so every value is known beforehand."""

    observation_space = spaces.Dict({"pose": spaces.Box(-9, 9, (3,)), "mode": spaces.Discrete(3), "grid": spaces.Box(0, 1, (2, 2))})
    action_space = spaces.Box(-1, 1, (2,))

    def __init__(self, last=3, tags=()):
        self.last, self.tags = last, list(tags)
        self.legs = [Leg(), Leg()]
        self.label = "robot"
        self.nothing = None
        self.table = np.eye(3)
        self._secret = 1.0

    @property
    def height(self):
        return self.clock * 10.0

    @property
    def broken(self):
        return self.no_such_part

    def observe(self):
        return {"pose": np.full(3, self.clock, np.float32), "mode": self.clock % 3, "grid": np.eye(2, dtype=np.float32)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.clock = 0
        return self.observe(), {"start": 7.0}

    def step(self, action):
        self.clock += 1
        self.legs[1].ground_contact = self.clock % 2 == 1
        self.legs[0].force = np.full(3, self.clock)
        info = {"effort": float(self.clock), "forces": [1.0, 2.0], "inner": {"speed": 5}, "word": "fast"}
        if self.clock == 2:
            del info["effort"]
        return self.observe(), 1.0, self.clock >= self.last, False, info


class Spaces(gymnasium.Env):
    """An environment with the spaces it is given."""

    def __init__(self, observation, action=None):
        self.observation_space, self.action_space = observation, action or spaces.Discrete(2)
        self.applied = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        self.applied.append(action)
        return self.observation_space.sample(), 0.0, False, False, {}


class Constructed(gymnasium.utils.EzPickle, Robot):
    """Pickles without its state, as Box2D and MuJoCo environments do."""

    def __init__(self):
        gymnasium.utils.EzPickle.__init__(self)
        Robot.__init__(self)


class Remembering(Robot):
    """Carries something over its resets, as a used Box2D world does."""

    def __init__(self):
        super().__init__()
        self.resets = 0

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        return super().reset(seed=seed)


class Held(Robot):
    """Holds what does not pickle."""

    def __init__(self):
        super().__init__()
        self.hook = lambda: None


def broken(**kwargs):
    raise RuntimeError("no licence file")


def uninstalled():
    raise ModuleNotFoundError("No module named 'some_simulator'", name="some_simulator")


ENVS = {
    "Robot-v0": Robot,
    "Spaces-v0": Spaces,
    "Constructed-v0": Constructed,
    "Remembering-v0": Remembering,
    "Held-v0": Held,
    "Broken-v0": broken,
    "Uninstalled-v0": uninstalled,
}


@pytest.fixture(autouse=True, scope="session")
def registered():
    for name, entry_point in ENVS.items():
        gymnasium.register(f"EurekaTest/{name}", entry_point)
    yield
    for name in ENVS:
        del gymnasium.registry[f"EurekaTest/{name}"]


@pytest.fixture
def make() -> Callable:
    def make(env: str, n: int = 1, sources: Mapping[str, str] | None = None, task: object = None, **options):
        env = f"EurekaTest/{env}" if env in ENVS else env
        sim = GymnasiumSim(GymnasiumSim.Options(env=env, **options))
        return sim.eureka_make_env(EnvRequest(task, n, sources or {}))

    return make
