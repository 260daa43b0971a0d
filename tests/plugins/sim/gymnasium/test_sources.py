from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from eureka.errors import ConfigError
from eureka.types import Task
from eureka_gymnasium.sources import SourceError, parse

STEP = np.zeros((2, 2))
AFTER_ONE_STEP = {
    "obs.pose": [1.0, 1.0, 1.0],
    "obs.pose[1]": 1.0,
    "obs.pose[0:2]": [1.0, 1.0],
    "obs.mode": 1.0,
    "obs.grid[0][1]": 0.0,
    "obs.grid[1]": [0.0, 1.0],
    "info.effort": 1.0,
    "info.forces": [1.0, 2.0],
    "info.forces[1]": 2.0,
    "info.inner.speed": 5.0,
    "info.start": 0.0,
    "env.height": 10.0,
    "env.legs[1].ground_contact": 1.0,
    "env.legs[0].force": [1.0, 1.0, 1.0],
    "env.legs[0].force[1:3]": [1.0, 1.0],
    "env.table[2]": [0.0, 0.0, 1.0],
    "env.table[2][2]": 1.0,
}


@pytest.mark.parametrize("source", AFTER_ONE_STEP)
def test_every_kind_of_source_reads_what_it_names(make, source):
    env = make("Robot-v0", 2, {"x": source})
    assert env.reset([0, 1]).values["x"].dtype == np.float64
    value = env.step(STEP).values["x"]
    assert value.dtype == np.float64
    np.testing.assert_array_equal(value, [AFTER_ONE_STEP[source]] * 2)


@pytest.mark.parametrize(("source", "expected"), [("obs", [1, 2, 3, 4]), ("obs[1]", 2), ("obs[1:3]", [2, 3]), ("obs[3:4]", [4])])
def test_a_box_observation_is_read_whole_by_index_and_by_slice(make, source, expected):
    point = np.array([1, 2, 3, 4], np.float32)
    env = make("Spaces-v0", 2, {"x": source}, kwargs={"observation": spaces.Box(point, point)})
    for values in (env.reset([0, 1]).values, env.step(np.zeros(2, int)).values):
        np.testing.assert_array_equal(values["x"], [expected] * 2)


def test_a_discrete_observation_is_one_hot_for_the_policy_and_its_index_for_a_source(make):
    env = make("FrozenLake-v1", 2, {"cell": "obs"}, kwargs={"is_slippery": False})
    env.reset([0, 1])
    step = env.step(np.array([2, 1]))
    np.testing.assert_array_equal(step.values["cell"], [1.0, 4.0])
    assert step.observations.dtype == np.float32
    np.testing.assert_array_equal(step.observations, np.eye(16)[[1, 4]])


def test_a_tuple_observation_is_read_by_index(make):
    env = make("Blackjack-v1", 1, {"sum": "obs[0]", "ace": "obs[2]"})
    reset = env.reset([0])
    assert 4 <= reset.values["sum"][0] <= 21 and reset.values["ace"][0] in (0, 1)
    assert reset.observations[0, int(reset.values["sum"][0])] == 1


def test_env_means_the_environment_inside_all_wrappers(make):
    env = make("CartPole-v1", 1, {"g": "env.gravity"}, wrappers=["gymnasium.wrappers:FlattenObservation"])
    assert env.reset([0]).values["g"].tolist() == [9.8]


def test_an_info_key_that_is_absent_reads_zero(make):
    env = make("Robot-v0", 1, {"effort": "info.effort", "start": "info.start"})
    reset = env.reset([0])
    assert (reset.values["effort"][0], reset.values["start"][0]) == (0.0, 7.0)
    assert [env.step(STEP[:1]).values["effort"][0] for _ in range(2)] == [1.0, 0.0]
    last = env.step(STEP[:1])
    assert last.terminated.all()
    assert (last.values["effort"][0], last.reset_values["effort"][0], last.reset_values["start"][0]) == (3.0, 0.0, 7.0)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "a source begins with obs, info, env"),
        ("observation[0]", "a source begins with obs, info, env"),
        ("self.x", "a source begins with obs, info, env"),
        ("obs[-1]", "indices count from 0"),
        ("obs[1", "not an attribute or an index at '[1'"),
        ("obs[1:]", "not an attribute or an index"),
        ("obs[0] + 1", "not an attribute or an index at ' + 1'"),
        ("obs[3:3]", "the slice [3:3] is empty"),
        ("obs[0:3][1]", "nothing may follow a slice"),
        ("obs['key']", "not an attribute or an index"),
        ("env.step(1)", "nothing is called at '(1)'"),
        ("env._secret", "underscore"),
        ("env.__class__", "underscore"),
        ("env.hull.__dict__", "underscore"),
        ("env", "env alone is no number"),
        ("info", "info alone is no number"),
        ("env[0]", "env alone is no number"),
        ("obs[\u0663]", "not an attribute or an index"),
    ],
)
def test_what_the_grammar_does_not_know_is_refused(source, words):
    with pytest.raises(SourceError) as error:
        parse(source)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("env.step(1)", "variables.x.from: 'env.step(1)' cannot be read: nothing is called"),
        ("obs.pos", "obs has no key 'pos'; did you mean 'pose'?; valid: pose, mode, grid"),
        ("obs", "it is a dict, not a number or vector; name a key: pose, mode, grid"),
        ("obs[0]", "obs is a dict and cannot be indexed by [0]; name a key: pose, mode, grid"),
        ("obs.pose[3]", "obs.pose has shape (3,), so [3] is out of range; valid are [0] to [2]"),
        ("obs.pose[1:4]", "obs.pose has shape (3,), so [1:4] is out of range"),
        ("obs.grid", "it has shape (2, 2); a variable is a number or a vector"),
        ("obs.mode[0]", "obs.mode is of type int and cannot be indexed by [0]"),
        (
            "info.efort",
            "cannot be read after a step: info has no key 'efort'; did you mean 'effort'?; valid: start, effort, forces, inner, word",
        ),
        ("info.inner", "it is a dict, not a number or vector; name a key: speed"),
        ("info.word", "it is of type str, not a number or vector"),
        ("info.forces[2]", "info.forces has 2 entries, so [2] is out of range"),
        ("env.hieght", "env has no attribute 'hieght'; did you mean 'height'?; valid: action_space, clock, height"),
        ("env.legs[1].contact", "env.legs[1] has no attribute 'contact'"),
        ("env.legs[2].force", "env.legs has 2 entries, so [2] is out of range; valid are [0] to [1]"),
        ("env.broken", "env has 'broken', but reading it failed"),
        ("env.nothing", "cannot be read after a reset: it is None, not a number or vector"),
        ("env.label", "it is of type str, not a number or vector"),
        ("env.reset", "methods are never called"),
        ("env.tags[0]", "env.tags is empty"),
    ],
)
def test_a_source_that_does_not_resolve_says_in_one_line_what_failed_and_what_is_valid(make, source, words):
    with pytest.raises(ConfigError) as error:
        make("Robot-v0", 1, {"x": source})
    message = str(error.value)
    assert message.startswith(f"variables.x.from: {source!r} cannot be read") and words in message, message
    assert "\n" not in message


def test_an_index_beyond_a_box_observation_names_its_shape(make):
    with pytest.raises(ConfigError, match=r"obs has shape \(4,\), so \[4\] is out of range; valid are \[0\] to \[3\]"):
        make("CartPole-v1", 1, {"x": "obs[4]"})


def test_a_source_of_the_fitness_is_named_as_such(make):
    task = Task.model_validate(
        {
            "name": "t",
            "description": "d",
            "sim": {"use": "gymnasium", "env": "CartPole-v1"},
            "variables": {"a": {"from": "obs[0]"}},
            "fitness": {"value": "env.hieght"},
        }
    )
    with pytest.raises(ConfigError, match=r"^fitness.value: 'env.hieght' cannot be read"):
        make("CartPole-v1", 1, {"a": "obs[0]", "f": "env.hieght"}, task=task)
