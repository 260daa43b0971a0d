from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

MUJOCO = [
    f"{name}-v5"
    for name in (
        "Ant", "HalfCheetah", "Hopper", "Humanoid", "HumanoidStandup", "InvertedDoublePendulum", "InvertedPendulum", "Pusher", "Reacher",
        "Swimmer", "Walker2d",
    )
]  # fmt: skip
CARTPOLE = {"cart_position": "obs[0]", "pole_angle": "obs[2]", "state": "env.state", "moving": "obs[1:4]"}


def rollout(env, seeds, actions):
    """Everything each step returned, by name, stacked over time."""
    reset = env.reset(seeds)
    record = {"observations": [reset.observations], **{name: [value] for name, value in reset.values.items()}}
    for action in actions:
        step = env.step(action)
        for name in ("observations", "final_observations", "terminated", "truncated", "actions", "native"):
            record.setdefault(name, []).append(getattr(step, name))
        for name in step.values:
            record[name].append(step.values[name])
            record.setdefault(f"reset {name}", []).append(step.reset_values[name])
    return {name: np.stack(values) for name, values in record.items()}


def test_a_row_is_the_same_alone_and_among_seven_others(make):
    actions = np.random.default_rng(0).integers(2, size=(120, 8))
    together = rollout(make("CartPole-v1", 8, CARTPOLE), list(range(8)), actions)
    assert together["terminated"].sum() > 8, "the comparison must span autoresets"
    for row in (0, 3, 7):
        alone = rollout(make("CartPole-v1", 1, CARTPOLE), [row], actions[:, [row]])
        for name, values in alone.items():
            np.testing.assert_array_equal(values[:, 0], together[name][:, row], err_msg=name)


def test_a_row_does_not_depend_on_what_the_environment_did_before_reset(make):
    actions = np.random.default_rng(1).integers(2, size=(50, 2))
    env = make("CartPole-v1", 2, CARTPOLE)
    first = rollout(env, [5, 6], actions)
    again = rollout(env, [5, 6], actions)
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name], err_msg=name)


def test_what_an_environment_carries_over_its_resets_does_not_reach_the_next_seeds(make):
    env = make("Remembering-v0", 2, {"resets": "env.resets"})
    for _ in range(2):
        assert env.reset([0, 1]).values["resets"].tolist() == [1.0, 1.0]
        for _ in range(3):
            step = env.step(np.zeros((2, 2)))
        assert step.reset_values["resets"].tolist() == [2.0, 2.0], "autoresets go on with the row's own environment"


def seeded(env, actions):
    """What follows a reset with seeds."""
    record = rollout(env, [7, 8], actions)
    return {**record, "inner": np.stack([np.concatenate((row.unwrapped.data.qpos, row.unwrapped.data.qacc)) for row in env._envs])}


@pytest.mark.parametrize("env_id", MUJOCO)
def test_a_used_mujoco_row_is_kept_and_steps_after_a_seeded_reset_as_a_new_one(make, env_id):
    used, new = make(env_id, 2, {"v": "env.data.qvel"}), make(env_id, 2, {"v": "env.data.qvel"})
    actions = np.random.default_rng(3).uniform(-1, 1, (40, 2, used.action_space.shape[0]))
    rows = list(used._envs)
    rollout(used, [1, 2], actions[::-1])
    found, expected = seeded(used, actions), seeded(new, actions)
    assert used._envs == rows
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_a_used_box2d_row_is_made_anew(make):
    env = make("LunarLander-v3", 1)
    env.reset([0])
    row = env._envs[0]
    env.reset([0])
    assert env._envs[0] is not row


@pytest.mark.parametrize("batched", [True, False])
def test_a_time_limit_counts_as_gymnasiums_own_does(make, batched):
    env, alone = make("MountainCar-v0", 1, batched=batched, max_episode_steps=7), gymnasium.make("MountainCar-v0", max_episode_steps=7)
    env.reset([0])
    alone.reset(seed=0)
    for _ in range(30):
        step, expected = env.step(np.array([1])), alone.step(1)
        assert (step.terminated[0], step.truncated[0]) == expected[2:4]
        if expected[3]:
            alone.reset()


def test_the_last_row_of_a_fallen_pole_is_the_fallen_state_and_not_the_reset_one(make):
    env = make("CartPole-v1", 2, {"pole_angle": "obs[2]", "inner_angle": "env.state"})
    env.reset([0, 1])
    while True:
        step = env.step(np.array([1, 1]))
        if step.terminated.any():
            break
    for row in np.flatnonzero(step.terminated):
        assert abs(step.values["pole_angle"][row]) > 0.2095
        assert abs(step.values["inner_angle"][row, 2]) > 0.2095
        assert abs(step.final_observations[row, 2]) > 0.2095
        assert abs(step.reset_values["pole_angle"][row]) <= 0.05
        assert abs(step.reset_values["inner_angle"][row, 2]) <= 0.05
        assert abs(step.observations[row, 2]) <= 0.05
    for row in np.flatnonzero(~step.terminated):
        np.testing.assert_array_equal(step.observations[row], step.final_observations[row])
        np.testing.assert_array_equal(step.values["inner_angle"][row], step.reset_values["inner_angle"][row])


def test_truncation_reports_the_final_observation_and_goes_on_from_a_reset(make):
    env = make("Pendulum-v1", 2, {"x": "obs[0]"}, max_episode_steps=3)
    assert env.max_episode_steps == 3
    env.reset([0, 1])
    for t in range(3):
        step = env.step(np.zeros((2, 1)))
        assert step.truncated.all() == (t == 2) and not step.terminated.any()
    assert (step.final_observations != step.observations).any(axis=1).all()
    np.testing.assert_array_equal(step.values["x"], step.final_observations[:, 0].astype(np.float64))
    np.testing.assert_array_equal(step.reset_values["x"], step.observations[:, 0].astype(np.float64))
    assert not env.step(np.zeros((2, 1))).truncated.any(), "the time limit starts anew"


def test_the_episode_limit_is_the_registered_one_unless_an_option_sets_it(make):
    assert make("CartPole-v1").max_episode_steps == 500
    assert make("CartPole-v1", max_episode_steps=20).max_episode_steps == 20
    assert make("Robot-v0").max_episode_steps is None


def test_a_discrete_action_is_reported_as_one_index_per_row(make):
    env = make("CartPole-v1", 3)
    env.reset([0, 1, 2])
    step = env.step(np.array([0, 1, 1], np.int32))
    assert step.actions.dtype == np.float64
    np.testing.assert_array_equal(step.actions, [[0.0], [1.0], [1.0]])


def test_a_discrete_action_that_is_no_integer_is_refused(make):
    env = make("CartPole-v1")
    env.reset([0])
    with pytest.raises(TypeError):
        env.step(np.array([0.7]))


def test_a_continuous_action_is_clipped_before_it_is_applied_and_reported(make):
    wide, narrow = make("Pendulum-v1", 2), make("Pendulum-v1", 2)
    wide.reset([0, 1])
    narrow.reset([0, 1])
    step = wide.step(np.array([[99.0], [-99.0]]))
    assert step.actions.dtype == np.float64
    np.testing.assert_array_equal(step.actions, [[2.0], [-2.0]])
    np.testing.assert_array_equal(step.observations, narrow.step(np.array([[2.0], [-2.0]])).observations)


def test_rows_that_are_not_active_are_not_stepped(make):
    env = make("Robot-v0", 3, {"height": "env.height"}, kwargs={"last": 9})
    env.reset([0, 1, 2])
    env.step(np.zeros((3, 2)), active=np.array([True, False, True]))
    step = env.step(np.zeros((3, 2)))
    np.testing.assert_array_equal(step.values["height"], [20.0, 10.0, 20.0])


def test_an_inactive_row_goes_on_exactly_where_it_stood(make):
    actions = np.random.default_rng(2).integers(2, size=(40, 2))
    paused, free = make("CartPole-v1", 2), make("CartPole-v1", 2)
    paused.reset([3, 4])
    free.reset([3, 4])
    paused.step(actions[0])
    free.step(actions[0])
    for _ in range(5):
        paused.step(np.array([0, 0]), active=np.array([False, False]))
    for action in actions[1:]:
        np.testing.assert_array_equal(paused.step(action).observations, free.step(action).observations)


def test_returned_arrays_are_never_written_to_later(make):
    env = make("CartPole-v1", 2, CARTPOLE)
    reset = env.reset([0, 1])
    steps = [env.step(np.array([0, 1]))]
    kept = [reset.observations.copy(), steps[0].observations.copy(), steps[0].values["state"].copy(), steps[0].values["moving"].copy()]
    for _ in range(30):
        env.step(np.array([1, 1]))
    now = [reset.observations, steps[0].observations, steps[0].values["state"], steps[0].values["moving"]]
    for before, after in zip(kept, now, strict=True):
        np.testing.assert_array_equal(before, after)


def test_no_two_returned_arrays_share_memory(make):
    env = make("CartPole-v1", 2, CARTPOLE)
    env.reset([0, 1])
    step = env.step(np.array([0, 1]))
    arrays = [step.observations, step.final_observations, *step.values.values(), *step.reset_values.values()]
    for i, first in enumerate(arrays):
        assert not any(np.shares_memory(first, second) for second in arrays[i + 1 :])


def test_a_mutable_argument_is_not_shared_between_rows(make):
    env = make("Spaces-v0", 2, kwargs={"observation": spaces.Box(0, 1, (2,))})
    first, second = (row.unwrapped for row in env._envs)
    assert first.observation_space is not second.observation_space


def test_one_seed_per_row_is_required(make):
    with pytest.raises(ValueError):
        make("CartPole-v1", 2).reset([0])


def test_shapes_and_dtypes_are_the_contracts(make):
    env = make("CartPole-v1", 4, CARTPOLE)
    reset = env.reset([0, 1, 2, 3])
    assert reset.observations.shape == (4, 4) and reset.observations.dtype == np.float32
    step = env.step(np.zeros(4, np.int64))
    assert step.terminated.dtype == step.truncated.dtype == np.bool_
    assert step.native.dtype == np.float64 and step.native.tolist() == [1.0] * 4
    for values in (reset.values, step.values, step.reset_values):
        assert {name: (v.shape, v.dtype.name) for name, v in values.items()} == {
            "cart_position": ((4,), "float64"),
            "pole_angle": ((4,), "float64"),
            "state": ((4, 4), "float64"),
            "moving": ((4, 3), "float64"),
        }
