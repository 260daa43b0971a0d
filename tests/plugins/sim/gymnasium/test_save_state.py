from __future__ import annotations

import numpy as np
import pytest

from eureka.errors import PluginContractError

SOURCES = {"pole_angle": "obs[2]", "state": "env.state"}


def go_on(env, actions):
    steps = [env.step(action) for action in actions]
    fields = ("observations", "final_observations", "terminated", "truncated", "native")
    record = {name: np.stack([getattr(step, name) for step in steps]) for name in fields}
    record.update({name: np.stack([step.values[name] for step in steps]) for name in steps[0].values})
    return record


def test_going_on_from_a_saved_cartpole_is_exact_over_autoresets_and_time_limits(make, tmp_path):
    actions = np.random.default_rng(0).integers(2, size=(200, 4))
    env = make("CartPole-v1", 4, SOURCES, max_episode_steps=15)
    env.reset([0, 1, 2, 3])
    go_on(env, actions[:40])
    assert env.save_state(tmp_path / "sim") is True
    expected = go_on(env, actions[40:])
    assert expected["terminated"].any() and expected["truncated"].any()

    other = make("CartPole-v1", 4, SOURCES, max_episode_steps=15)
    other.reset([9, 9, 9, 9])
    other.load_state(tmp_path / "sim")
    found = go_on(other, actions[40:])
    for name, values in expected.items():
        np.testing.assert_array_equal(values, found[name], err_msg=name)


def test_saving_does_not_disturb_the_environment(make, tmp_path):
    actions = np.random.default_rng(1).integers(2, size=(80, 2))
    saved, untouched = make("CartPole-v1", 2), make("CartPole-v1", 2)
    saved.reset([0, 1])
    untouched.reset([0, 1])
    for action in actions:
        saved.save_state(tmp_path / "sim")
        np.testing.assert_array_equal(saved.step(action).observations, untouched.step(action).observations)


@pytest.mark.parametrize("env", ["Constructed-v0", "Held-v0"])
def test_an_environment_whose_state_does_not_pickle_is_not_saved_and_leaves_no_file(make, tmp_path, env):
    batch = make(env, 2)
    batch.reset([0, 1])
    assert batch.save_state(tmp_path / "sim") is False
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_an_earlier_file_as_it_was(make, tmp_path):
    batch = make("Held-v0")
    batch.reset([0])
    (tmp_path / "sim").write_text("earlier")
    assert batch.save_state(tmp_path / "sim") is False
    assert (tmp_path / "sim").read_text() == "earlier"


def test_a_state_of_another_number_of_rows_is_refused_with_both_numbers(make, tmp_path):
    two = make("CartPole-v1", 2)
    two.reset([0, 1])
    two.save_state(tmp_path / "sim")
    with pytest.raises(PluginContractError, match="holds 2 rows, but 3 were named"):
        make("CartPole-v1", 3).load_state(tmp_path / "sim")
