"""Why an environment's own vector version never takes the place of separate rows."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium.vector import AutoresetMode


def first_observation(num_envs: int, seed):
    env = gymnasium.make_vec("CartPole-v1", num_envs, vectorization_mode="vector_entry_point")
    try:
        return env.reset(seed=seed)[0][0].tolist()
    finally:
        env.close()


def test_a_row_of_cartpoles_own_vector_version_depends_on_how_many_rows_there_are():
    assert first_observation(1, 3) == first_observation(1, 3)
    assert first_observation(1, 3) != first_observation(4, 3)


def test_cartpoles_own_vector_version_takes_no_seed_per_row_and_resets_a_step_late():
    with pytest.raises(gymnasium.error.Error):
        first_observation(2, [3, 4])
    assert (
        gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="vector_entry_point").metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    )


def test_a_row_of_ours_takes_a_seed_of_its_own(make):
    assert make("CartPole-v1", 1).reset([3]).observations[0].tolist() == make("CartPole-v1", 4).reset([3, 0, 0, 0]).observations[0].tolist()
