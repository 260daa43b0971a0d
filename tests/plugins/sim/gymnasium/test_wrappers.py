"""Wrappers: with arguments, from a file, and read by `env.` sources."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from pydantic import ValidationError

from eureka.config import load_mapping
from eureka.errors import ConfigError
from eureka_gymnasium import GymnasiumSim

METER = """
import gymnasium


class Meter(gymnasium.Wrapper):
    def __init__(self, env, price=1.0, reset_too=True):
        super().__init__(env)
        self.price, self.reset_too = price, reset_too
        self.energy_used = 0.0

    @property
    def cost(self):
        return self.price * self.energy_used

    def gravity(self):
        return "a method, so no variable"

    def reset(self, **kwargs):
        if self.reset_too:
            self.energy_used = 0.0
        return super().reset(**kwargs)

    def step(self, action):
        self.energy_used += float(abs(action).sum())
        return super().step(action)


class Inner(Meter):
    energy_used = 0.0
    inside = 5.0


class Broken(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.ratio = 1 / 0
"""
SOURCES = {"energy_used": "env.energy_used", "cost": "env.cost", "angle": "env.state[0]"}


@pytest.fixture
def meter(tmp_path):
    path = tmp_path / "meter.py"
    path.write_text(METER)
    return path


def pendulum(make, meter, n=2, **options):
    return make("Pendulum-v1", n, SOURCES, wrappers=[{"use": f"{meter}:Meter", "price": 3.0}], **options)


def test_a_value_that_a_wrapper_accumulates_is_a_variable_beside_those_of_the_environment(make, meter):
    env = pendulum(make, meter, max_episode_steps=3)
    assert env.reset([0, 1]).values["energy_used"].tolist() == [0.0, 0.0]
    for t in range(1, 4):
        step = env.step(np.array([[1.0], [-0.5]]))
        assert step.values["energy_used"].tolist() == [1.0 * t, 0.5 * t]
        assert step.values["cost"].tolist() == [3.0 * t, 1.5 * t]
    assert step.truncated.all() and step.values["energy_used"].tolist() == [3.0, 1.5]
    assert step.reset_values["energy_used"].tolist() == [0.0, 0.0]


def test_the_outermost_wrapper_that_has_an_attribute_is_read_and_its_methods_hide_nothing(make, meter):
    wrappers = [{"use": f"{meter}:Inner", "price": 7.0}, {"use": f"{meter}:Meter", "price": 2.0}, "gymnasium.wrappers:FlattenObservation"]
    env = make("CartPole-v1", 1, {"price": "env.price", "inside": "env.inside", "gravity": "env.gravity"}, wrappers=wrappers)
    values = env.reset([0]).values
    assert (values["price"][0], values["inside"][0], values["gravity"][0]) == (2.0, 5.0, 9.8)


def test_a_wrappers_value_goes_on_exactly_from_a_saved_state(make, meter, tmp_path):
    env = pendulum(make, meter)
    env.reset([0, 1])
    env.step(np.ones((2, 1)))
    assert env.save_state(tmp_path / "state")
    expected = env.step(np.ones((2, 1)))
    other = pendulum(make, meter)
    other.reset([5, 6])
    other.load_state(tmp_path / "state")
    found = other.step(np.ones((2, 1)))
    assert found.values["energy_used"].tolist() == [2.0, 2.0]
    for name, value in expected.values.items():
        np.testing.assert_array_equal(value, found.values[name])


def test_an_attribute_that_no_layer_has_names_those_of_the_wrappers_too(make, meter):
    with pytest.raises(ConfigError, match=r"env has no attribute 'enrgy'.*; of its wrappers: cost, energy_used, price, reset_too"):
        make("CartPole-v1", 1, {"x": "env.enrgy"}, wrappers=[f"{meter}:Meter"])


def test_wrappers_without_values_of_their_own_are_not_mentioned(make):
    with pytest.raises(ConfigError) as error:
        make("CartPole-v1", 1, {"x": "env.enrgy"})
    assert "wrappers" not in str(error.value)


def test_a_wrapper_that_changes_the_reward_changes_native(make):
    doubled = make("CartPole-v1", wrappers=[{"use": "gymnasium.wrappers:ClipReward", "max_reward": 0.25}])
    doubled.reset([0])
    assert doubled.step(np.array([0])).native.tolist() == [0.25]


def test_a_list_reaches_a_wrapper_as_the_tuple_it_insists_on(make):
    env = make("Pendulum-v1", wrappers=[{"use": "gymnasium.wrappers:ReshapeObservation", "shape": [3, 1]}])
    assert env.observation_space.shape == (3, 1)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{file}:Broken", "meter.py:Broken cannot wrap this environment with no arguments ({file}:36: ZeroDivisionError"),
        ("{file}:Metre", 'is not a gymnasium.Wrapper class; did you mean "Meter"? There: Broken, Inner, Meter.'),
        ({"use": "{file}:Meter", "prize": 1}, "Its arguments: price, reset_too."),
        ("{folder}/metre.py:Meter", 'metre.py: no such file; did you mean "meter.py"?'),
        ("{file}", "names no class; write FILE.py:Class."),
    ],
)
def test_a_wrapper_in_a_file_that_cannot_be_used_is_named_by_its_place(make, meter, entry, words):
    def fill(text):
        return text.format(file=meter, folder=meter.parent)

    entry = fill(entry) if isinstance(entry, str) else {**entry, "use": fill(entry["use"])}
    with pytest.raises(ConfigError) as error:
        make("Pendulum-v1", wrappers=["gymnasium.wrappers:FlattenObservation", entry])
    assert str(error.value).startswith("sim.wrappers[1]: ") and fill(words) in str(error.value)


@pytest.mark.parametrize("entry", [{}, {"stack_size": 4}, {"use": 3}, 3, ["gymnasium.wrappers:FlattenObservation"]])
def test_what_is_neither_a_name_nor_a_mapping_with_use_is_refused(entry):
    with pytest.raises(ValidationError):
        GymnasiumSim.Options(env="CartPole-v1", wrappers=[entry])


def test_wrappers_are_found_beside_the_config_and_stay_as_short_as_they_were_written(meter):
    config = {
        "task": {
            "name": "t",
            "description": "d",
            "sim": {
                "use": "gymnasium",
                "env": "Pendulum-v1",
                "wrappers": ["meter.py:Meter", {"use": "./meter.py:Meter", "price": 2}, "gymnasium.wrappers:FlattenObservation"],
            },
            "variables": {"x": {"from": "obs[0]"}},
            "fitness": {"value": "native"},
        },
        "generator": "symbolic",
    }
    options = load_mapping(config, "a config", meter.parent).task.sim.options
    assert options["wrappers"] == [f"{meter}:Meter", {"use": f"{meter}:Meter", "price": 2}, "gymnasium.wrappers:FlattenObservation"]


def test_a_wrapper_that_needs_opencv_says_which_package_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ConfigError) as error:
        make("CarRacing-v3", wrappers=[{"use": "gymnasium.wrappers:ResizeObservation", "shape": [48, 48]}])
    assert str(error.value) == (
        "sim.wrappers[0]: gymnasium.wrappers:ResizeObservation needs a package that is not installed here. "
        "Run `pip install opencv-python-headless`."
    )


def test_a_wrapper_that_is_there_but_needs_another_module_says_so(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    with pytest.raises(ConfigError, match=r"^sim.wrappers\[0\]: gymnasium.wrappers:NumpyToTorch needs .*pip install array-api-compat"):
        make("CartPole-v1", wrappers=["gymnasium.wrappers:NumpyToTorch"])
