"""LunarLander by our step against Gymnasium's own, bit by bit, and where it is not taken."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.box2d import lunar_lander as theirs
from tests.plugins.sim.gymnasium.test_classic import assert_equal, record

from eureka.errors import PluginContractError
from eureka_gymnasium import lunar_lander

SOURCES = {"all": "obs", "touches": "env.legs[0].ground_contact", "angle": "env.lander.angle", "shaping": "env.prev_shaping"}


def steps_by_ours(env):
    return env._steps[0][0].__module__ == lunar_lander.__name__


@pytest.mark.parametrize("kwargs", [{}, {"gravity": -4.0}])
def test_every_bit_is_that_of_gymnasiums_own_step(make, kwargs):
    ours, own = make("LunarLander-v3", 3, SOURCES, kwargs=kwargs), make("LunarLander-v3", 3, SOURCES, kwargs=kwargs, batched=False)
    assert steps_by_ours(ours) and not steps_by_ours(own)
    for env in (ours, own):
        env.reset([3, 2**40, 5])
    # One row as it comes, one that mostly brakes and comes to stand on its legs, one whose engines are off.
    rng = np.random.default_rng(0)
    actions = np.stack([rng.integers(4, size=700), rng.choice([0, 2], p=[0.6, 0.4], size=700), np.zeros(700, np.int64)], axis=1)
    found, expected = record(ours, actions), record(own, actions)
    assert_equal(found, expected)
    assert found["terminated"].any() and found["touches"].any()


def test_a_landing_pays_what_gymnasiums_pays(make):
    """Through a policy that lands: the last of the step's branches."""
    env = make("LunarLander-v3", 1, batched=True)
    observation = env.reset([1]).observations[0]
    for _ in range(1000):
        step = env.step(np.array([theirs.heuristic(env._envs[0].unwrapped, observation)]))
        observation = step.observations[0]
        if step.terminated[0]:
            break
    assert step.native[0] == 100.0


@pytest.mark.parametrize("action", [-1, 4, 7])
def test_an_action_that_there_is_not_is_an_error(make, action):
    env = make("LunarLander-v3", 2)
    env.reset([1, 2])
    with pytest.raises(PluginContractError, match=rf"the action of a row is {action}; valid are 0 to 3"):
        env.step(np.array([0, action]))


@pytest.mark.parametrize("kwargs", [{"continuous": True}, {"enable_wind": True}, {"render_mode": "rgb_array"}])
def test_other_kinds_are_stepped_by_gymnasiums_own(make, kwargs):
    assert not steps_by_ours(make("LunarLander-v3", 1, kwargs=kwargs))


def test_another_physics_is_stepped_by_its_own(make, monkeypatch):
    monkeypatch.setattr(theirs, "FPS", 60)
    assert not steps_by_ours(make("LunarLander-v3", 1))


def test_a_wrapped_one_is_stepped_through_its_wrapper(make):
    env = make("LunarLander-v3", 1, wrappers=("gymnasium.wrappers:RecordEpisodeStatistics",))
    assert not steps_by_ours(env) and isinstance(env._envs[0], gymnasium.wrappers.RecordEpisodeStatistics)
