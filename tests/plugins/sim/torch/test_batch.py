"""Rows of torch environments: what a batch owes to core, and that a row's bits are its own."""

from __future__ import annotations

import numpy as np
import pytest
from torch_envs import TASKS, actions_of, assert_equal, make, record, sources_of

CLOCK = {"clock": "clock", "start": "start", "first": "obs[0]", "rest": "obs[1:3]"}


@pytest.mark.parametrize("name", TASKS)
def test_a_row_has_the_same_bits_in_any_batch_at_any_place(name):
    sources = sources_of(name)
    large = make(name, 4096, sources)
    first = large.reset(list(range(4096)))
    actions = actions_of(large, 15)
    together = record(large, actions)
    for rows in ([5], [4095, 0, 17, 1, 2, 3, 99], list(range(1000, 1064))):
        small = make(name, len(rows), sources)
        begun = small.reset(rows)
        assert_equal(
            {"o": begun.observations, **begun.values}, {"o": first.observations[rows], **{k: v[rows] for k, v in first.values.items()}}
        )
        assert_equal(record(small, actions[:, rows]), {name: values[:, rows] for name, values in together.items()})


@pytest.mark.parametrize("name", TASKS)
def test_whole_episodes_and_the_resets_between_them_are_the_same_alone_and_among_seven(name):
    seven, alone = make(name, 7, sources_of(name), max_episode_steps=20), make(name, 1, sources_of(name), max_episode_steps=20)
    seven.reset([2**63 + 5 * row for row in range(7)])
    alone.reset([2**63 + 15])
    actions = actions_of(seven, 75)
    together = record(seven, actions)
    assert together["truncated"].any() and (name != "torch_cartpole" or together["terminated"].any())
    assert_equal(record(alone, actions[:, 3:4]), {key: values[:, 3:4] for key, values in together.items()})


def test_a_row_that_ended_is_read_before_it_is_reset_and_the_others_go_on(counter):
    env = make(counter, 2, CLOCK)
    reset = env.reset([1, 2])
    steps = [env.step(np.zeros((2, 2))) for _ in range(5)]
    last, after = steps[3], steps[4]
    assert [step.terminated.tolist() for step in steps] == [[False] * 2] * 3 + [[True] * 2] + [[False] * 2]
    assert not any(step.truncated.any() for step in steps) and env.max_episode_steps is None
    assert last.values["clock"].tolist() == [4, 4] == last.final_observations[:, 0].tolist() == last.values["first"].tolist()
    assert last.reset_values["clock"].tolist() == [0, 0] == last.observations[:, 0].tolist()
    np.testing.assert_array_equal(last.values["start"], reset.values["start"])
    assert (last.reset_values["start"] != last.values["start"]).all(), "another episode begins elsewhere"
    np.testing.assert_array_equal(after.values["start"], last.reset_values["start"])
    np.testing.assert_array_equal(after.values["rest"], after.values["start"])
    assert last.native.tolist() == [40, 40] and after.native.tolist() == [10, 10]
    kinds = {name: value.dtype.name for name, value in {**last.values, "n": last.native, "a": last.actions}.items()}
    assert set(kinds.values()) == {"float64"} and last.observations.dtype == np.float32


def test_the_time_limit_truncates_and_is_the_tasks_where_it_names_one(counter):
    env = make(counter, 1, kwargs={"last": 3}, max_episode_steps=3)
    env.reset([0])
    ends = [(step.terminated[0], step.truncated[0]) for step in (env.step(np.zeros((1, 2))) for _ in range(3))]
    assert ends == [(False, False), (False, False), (True, True)]
    assert make("torch_cartpole").max_episode_steps == 500
    assert make("torch_cartpole", max_episode_steps=20).max_episode_steps == 20


def test_actions_are_clipped_before_they_are_applied(counter):
    env = make(counter, 1)
    env.reset([0])
    step = env.step(np.array([[3.0, -0.5]]))
    assert step.actions.tolist() == [[1.0, -0.5]] and step.native.tolist() == [11.0]


def test_the_same_seeds_give_the_same_episodes_again_and_other_seeds_others():
    env = make("torch_quadcopter", 3, {"position": "position"})
    first, again, other = (env.reset(seeds).values["position"] for seeds in ([7, 8, 9], [7, 8, 9], [10, 11, 12]))
    np.testing.assert_array_equal(first, again)
    assert not np.isin(first, other).any()


@pytest.mark.parametrize("name", TASKS)
def test_rows_that_rest_stand_still_whatever_action_they_are_given(name):
    sources = sources_of(name)
    env, free = make(name, 3, sources, max_episode_steps=15), make(name, 3, sources, max_episode_steps=15)
    actions = actions_of(env, 35, seed=3)
    env.reset([0, 1, 2])
    free.reset([0, 1, 2])
    for t, action in enumerate(actions):
        for _ in range(t % 2):
            env.step(np.full_like(action, 99), active=np.zeros(3, bool))
        nonsense = np.where(np.arange(3)[:, None] == 1, np.nan, action)
        step = env.step(nonsense, active=np.array([True, False, True]))
        env.step(np.where(np.arange(3)[:, None] == 1, action, np.nan), active=np.array([False, True, False]))
        np.testing.assert_array_equal(step.observations[[0, 2]], free.step(action).observations[[0, 2]])
    assert_equal(record(env, actions), record(free, actions))


@pytest.mark.parametrize("name", TASKS)
def test_what_a_step_returned_is_the_callers_own(name):
    env, other = make(name, 2, sources_of(name)), make(name, 2, sources_of(name))
    env.reset([0, 1])
    other.reset([0, 1])
    for action in actions_of(env, 5):
        step, expected = env.step(action), other.step(action)
        arrays = [step.observations, step.final_observations, step.actions, step.native, *step.values.values(), *step.reset_values.values()]
        for i, array in enumerate(arrays):
            assert not any(np.shares_memory(array, later) for later in arrays[i + 1 :])
        np.testing.assert_array_equal(step.observations, expected.observations)
        for array in (*arrays, step.terminated, step.truncated):
            array.fill(1)
