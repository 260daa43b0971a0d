"""Derived variables of environments that users write."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from eureka.errors import ConfigError
from eureka.hookspecs import DeriveRequest
from eureka.types import ComponentSpec, Fitness, Task
from eureka_gymnasium import GymnasiumSim
from eureka_gymnasium.derive import derive_variables


class Part:
    def __init__(self):
        self.heat, self.limits, self.matrix = 0.0, (0.0, 1.0), np.eye(2)
        self.inner = Inner()


class Inner:
    depth = 0.0


class Rover(gymnasium.Env):
    """A rover.

    ## Observation Space
    | Num | Observation      | Min | Max | Unit |
    |-----|------------------|-----|-----|------|
    | 0   | distance to goal | 0   | Inf | m    |
    | 1   | class            | 0   | 1   |      |
    | 2   | last reward      | 0   | 1   |      |
    """

    action_space = spaces.Box(-1, 1, (2,))
    observation_space = spaces.Box(-np.inf, np.inf, (3,))

    def __init__(self, entries=3):
        self.entries = entries
        self.observation_space = spaces.Box(-np.inf, np.inf, (entries,))
        self.parts = [Part(), Part()]
        self.tiles = [Part() for _ in range(40)]
        self.length, self.mass, self.label, self.hook = 0.0, 3.0, "rover", lambda: None
        self.bonus = None

    @property
    def altitude(self):
        return self.distance / 3 + 1

    @property
    def broken(self):
        raise RuntimeError("no such part")

    def observe(self):
        return np.resize([self.distance, float(self.distance > 2), 0.5 * self.distance], self.entries).astype(np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.goal = self.np_random.uniform(-1, 1, 2)
        self.drawer_open, self.screen_x = 0.0, 0.0
        self.steps, self.distance, self.length, self.gone, self.trail = 0, 2.0, 0.0, None, []
        for part in self.parts + self.tiles:
            part.heat = part.inner.depth = 0.0
        return self.observe(), {"start": 1.0}

    def step(self, action):
        self.steps += 1
        self.distance += float(action[0])
        self.length += abs(float(action[1]))
        self.gone, self.frame_count = 1.0, self.steps
        self.trail = [*self.trail, self.distance]
        self.drawer_open, self.screen_x = abs(self.distance), 2 * self.distance
        self.parts[1].heat = self.parts[0].inner.depth = self.tiles[0].heat = float(action[1]) ** 2
        self.bonus = self.distance
        info = {"wind": float(action[0]) ** 2, "reward_goal": 1.0, "word": "hot", "where": {"row": self.distance**2}}
        if self.steps % 2:
            info["sometimes"] = self.distance
        return self.observe(), 0.0, False, self.steps >= 20, info


class Dicts(Rover):
    """Pose, camera and more under keys."""

    def __init__(self):
        super().__init__()
        camera = spaces.Box(0, 255, (4, 4, 3), np.uint8)
        inner = spaces.Dict({"angle": spaces.Box(-9, 9, ()), "camera": camera})
        self.observation_space = spaces.Dict({"pose": spaces.Box(-9, 9, (2,)), "mode": spaces.Discrete(3), "arm": inner, "camera": camera})

    def observe(self):
        image = np.zeros((4, 4, 3), np.uint8)
        angle = np.array(self.distance / 50, np.float32)
        return {
            "pose": np.array([angle, 1.0], np.float32),
            "mode": self.steps % 3,
            "arm": {"angle": angle, "camera": image},
            "camera": image,
        }


class Silent(Rover):
    """Says nothing of its observation, so it may be anything."""


class Failing(Rover):
    """Breaks at its first step."""

    def step(self, action):
        raise RuntimeError("motor missing")


class Text(Rover):
    """Writes what it sees."""

    def __init__(self):
        super().__init__()
        self.observation_space = spaces.Text(9)


class Counter(gymnasium.Wrapper):
    """A wrapper with a value of its own."""

    def step(self, action):
        self.pushed = 3.0 * abs(float(action[1]))
        return self.env.step(action)

    def reset(self, **kwargs):
        self.pushed = 0.0
        return self.env.reset(**kwargs)


ENVS = {"Rover-v0": Rover, "Dicts-v0": Dicts, "Silent-v0": Silent, "Failing-v0": Failing, "Text-v0": Text}


@pytest.fixture(autouse=True, scope="module")
def derivable():
    for name, entry_point in ENVS.items():
        gymnasium.register(f"EurekaDerive/{name}", entry_point)
    yield
    for name in ENVS:
        del gymnasium.registry[f"EurekaDerive/{name}"]


def derive(env, **options):
    sim = GymnasiumSim.Options(env=f"EurekaDerive/{env}", **options)
    task = Task(name="t", description="d", sim=ComponentSpec(use="gymnasium"), fitness=Fitness(value="native"))
    return derive_variables(sim, DeriveRequest(task, 0))


def names_of(derived):
    return {name: spec.source for name, spec in derived.variables.items()}


def test_what_changes_becomes_a_variable_under_a_name_a_reward_can_take():
    assert names_of(derive("Rover-v0")) == {
        "distance_goal": "obs[0]",
        "obs_class": "obs[1]",
        "action": "action",
        "parts_0_heat": "env.parts[0].heat",
        "parts_1_heat": "env.parts[1].heat",
        "env_length": "env.length",
        "goal": "env.goal",
        "drawer_open": "env.drawer_open",
        "steps": "env.steps",
        "altitude": "env.altitude",
        "wind": "info.wind",
        "where_row": "info.where.row",
    }


def test_what_speaks_of_reward_is_dropped_and_named_though_it_may_be_none_or_never_change():
    assert {(d.name, d.source) for d in derive("Rover-v0").dropped} == {
        ("last_reward", "obs[2]"),
        ("bonus", "env.bonus"),
        ("reward_goal", "info.reward_goal"),
    }


def test_a_table_of_other_length_is_not_trusted_where_kwargs_may_have_moved_it():
    names = names_of(derive("Rover-v0", kwargs={"entries": 5}))
    assert names["obs"] == "obs" and "distance_goal" not in names


def test_an_undocumented_observation_is_one_vector_and_is_not_read_from_the_base_classs_table():
    derived = derive("Silent-v0")
    assert names_of(derived)["obs"] == "obs" and "distance_goal" not in derived.variables
    assert names_of(derived)["distance"] == "env.distance", "entry 0 of the observation, but with a name"
    assert "the same as obs[0]" in derived.variables["distance"].meaning
    assert "distance" in derived.state and "altitude" not in derived.state


def test_a_dict_observation_has_a_variable_per_key_and_none_for_an_image():
    derived = derive("Dicts-v0")
    observed = {name: source for name, source in names_of(derived).items() if source.startswith("obs")}
    assert observed == {"pose": "obs.pose", "mode": "obs.mode", "arm_angle": "obs.arm.angle"}
    assert derived.variables["mode"].meaning == "mode of the observation, an integer from 0 to 2"


def test_a_wrappers_own_attributes_are_variables_too():
    derived = derive("Rover-v0", wrappers=[f"{__file__}:Counter"])
    assert derived.variables["distance_goal"].source == "obs[0]"
    assert derived.variables["pushed"].source == "env.pushed"


def test_an_environment_that_fails_is_the_users_to_mend():
    with pytest.raises(ConfigError, match=r"sim\.env: .*motor missing"):
        derive("Failing-v0")


def test_an_observation_that_is_text_is_refused():
    with pytest.raises(ConfigError, match="observation space has a Text"):
        derive("Text-v0")
