"""An environment whose class stands in one file of the user's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eureka.config import load_mapping
from eureka.errors import ConfigError

CART = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Engine:
    heat = 0.0


class Cart(gymnasium.Env):
    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float64)
    action_space = spaces.Box(-1, 1, (1,))

    def __init__(self, mass=1.0):
        self.mass, self.engine = mass, Engine()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.position, self.speed = self.np_random.uniform(-1, 1), 0.0
        return np.array([self.position, self.speed]), {}

    def step(self, action):
        self.speed += 0.1 * float(action[0]) / self.mass
        self.position += self.speed
        self.engine.heat += abs(float(action[0]))
        reward = -abs(self.position) - 0.01 * self.engine.heat
        return np.array([self.position, self.speed]), reward, abs(self.position) > 3, False, {"reward_heat": reward}


class NoSpaces(gymnasium.Env):
    pass


class NotOne:
    pass
"""


@pytest.fixture
def cart(tmp_path) -> Path:
    path = tmp_path / "my_cart.py"
    path.write_text(CART)
    return path


def message(make, env: str, **options) -> str:
    with pytest.raises(ConfigError) as error:
        make(env, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_environment_in_one_file_runs_with_its_arguments_and_its_attributes_as_variables(make, cart):
    env = make(f"{cart}:Cart", 3, {"speed": "obs[1]", "heat": "env.engine.heat"}, kwargs={"mass": 0.5})
    assert env.max_episode_steps is None
    first = env.reset([0, 1, 2])
    assert len(set(first.observations[:, 0])) == 3
    step = env.step(np.array([[1.0], [0.0], [-1.0]]))
    np.testing.assert_allclose(step.values["speed"], [0.2, 0.0, -0.2])
    np.testing.assert_array_equal(step.values["heat"], [1.0, 0.0, 1.0])


def test_a_row_of_a_users_environment_does_not_depend_on_the_others(make, cart):
    actions = np.random.default_rng(0).uniform(-1, 1, (60, 4, 1))
    together, alone = make(f"{cart}:Cart", 4), make(f"{cart}:Cart", 1)
    together.reset([5, 6, 7, 8])
    alone.reset([7])
    for action in actions:
        row, single = together.step(action), alone.step(action[[2]])
        np.testing.assert_array_equal(row.observations[2], single.observations[0])


def test_a_users_environment_is_cut_after_max_episode_steps(make, cart):
    env = make(f"{cart}:Cart", max_episode_steps=2)
    env.reset([0])
    assert [bool(env.step(np.zeros((1, 1))).truncated[0]) for _ in range(3)] == [False, True, False]


def test_the_file_is_found_beside_the_config(make, cart):
    config = {
        "task": {
            "name": "cart",
            "description": "Stay in the middle.",
            "sim": {"use": "gymnasium", "env": "my_cart.py:Cart"},
            "variables": {"speed": {"from": "obs[1]"}},
            "fitness": {"value": "native"},
        },
        "generator": "symbolic",
    }
    assert load_mapping(config, "a config", cart.parent).task.sim.options["env"] == f"{cart}:Cart"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (":Crt", 'my_cart.py:Crt is not a gymnasium.Env class; did you mean "Cart"? There: Cart, NoSpaces.'),
        (":NotOne", "my_cart.py:NotOne is not a gymnasium.Env class"),
        ("", "my_cart.py names no class; write FILE.py:Class. There: Cart, NoSpaces."),
        (":NoSpaces", "my_cart.py:NoSpaces has no observation_space; set self.observation_space in its __init__"),
    ],
)
def test_a_class_that_is_no_environment_is_an_error_at_sim_env(make, cart, name, words):
    text = message(make, f"{cart}{name}")
    assert text.startswith("sim.env: ") and words in text


def test_a_file_that_is_not_there_names_the_one_beside_it(make, cart):
    assert 'my_cat.py: no such file; did you mean "my_cart.py"?' in message(make, f"{cart.parent}/my_cat.py:Cart")


def test_a_wrong_argument_names_the_valid_ones(make, cart):
    text = message(make, f"{cart}:Cart", kwargs={"mas": 2})
    assert text.startswith("sim.kwargs: ") and "does not accept {'mas': 2}" in text and text.endswith("Valid: mass.")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("import numpy as np", "import numpy as np\n1 / 0", "cannot be loaded: {file}:4: ZeroDivisionError"),
        ("import numpy as np", "import no_such_module_here", "cannot be loaded: {file}:3: ModuleNotFoundError"),
        ("import numpy as np", "import numpy as np)", "cannot be loaded: {file}:3: SyntaxError"),
        ("Engine()", "Motor()", "could not be made: {file}:16: NameError"),
        ("self.speed = self.np_random", "self.speed = self.random", "reset() of the environment failed at {file}:20: AttributeError"),
        ("self.speed += 0.1", "self.speed += '0.1'", "step() of the environment failed at {file}:24: TypeError"),
        ("return np.array([self.position, self.speed]), {}", "return np.array([0.0, 0.0])", "reset() of the environment gave ndarray"),
        ("> 3, False, {", "> 3, {", "step() of the environment gave 4 values; it must give the 5 values observation, reward, terminated"),
        ('{"reward_heat": reward}', "None", "step() of the environment gave NoneType as its last value"),
        ("(2,), np.float64", "(3,), np.float64", "reset() of the environment gave an observation that is not of its observation_space"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(make, cart, old, new, words):
    assert old in CART
    cart.write_text(CART.replace(old, new))
    text = message(make, f"{cart}:Cart")
    assert text.startswith("sim.env: ") and words.format(file=cart) in text, text


def test_a_saved_state_of_a_users_environment_goes_on_exactly_in_a_fresh_process(make, cart, tmp_path):
    program = f"""
import sys, numpy as np
from pathlib import Path
from eureka.env import EnvRequest
from eureka_gymnasium import GymnasiumSim

env = GymnasiumSim(GymnasiumSim.Options(env={f"{cart}:Cart"!r})).eureka_make_env(EnvRequest(None, 2, {{"heat": "env.engine.heat"}}))
if sys.argv[1] == "save":
    env.reset([3, 4])
    env.step(np.ones((2, 1)))
    assert env.save_state(Path(sys.argv[2]))
else:
    env.load_state(Path(sys.argv[2]))
for _ in range(30):
    step = env.step(np.ones((2, 1)))
print(step.observations.tolist(), step.values["heat"].tolist())
"""
    state = str(tmp_path / "state")
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, what, state], check=True, capture_output=True, text=True, env=dict(os.environ)
        ).stdout
        for what in ("save", "load")
    ]
    assert outputs[0] == outputs[1] != ""
