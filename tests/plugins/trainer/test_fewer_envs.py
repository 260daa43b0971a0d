"""What each trainer sets otherwise to train with fewer environments: whatever the options, what comes of it is valid, or is not offered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_curriculum.options import Options as Curriculum
from eureka_isaacgym.options import RLGamesOptions
from eureka_population.options import Options as Population
from eureka_rl_games.options import Options as RLGames
from eureka_sb3.options import Options as SB3


def divided(kind: Any, divisor: int, **given: Any) -> Any:
    """The options with that many times fewer environments, as the host makes them; None where they cannot be had."""
    resolved = kind.model_validate(given).model_dump(mode="json")
    changes = kind.model_validate(resolved).fewer_envs(divisor)
    return None if changes is None else kind.model_validate({**resolved, **changes})


@given(st.integers(1, 70), st.integers(1, 40), st.integers(1, 9), st.sampled_from([2, 4]))
@pytest.mark.parametrize("kind", [Population, SB3])
def test_rollouts_get_smaller_and_minibatches_still_divide_them(kind: Any, num_envs: int, steps: int, parts: int, divisor: int) -> None:
    rollout = num_envs * steps
    batch = rollout // parts if rollout % parts == 0 else rollout
    if batch < 2:
        return
    fewer = divided(kind, divisor, num_envs=num_envs, n_steps=steps, batch_size=batch)
    if fewer is None:
        assert num_envs < divisor or (num_envs // divisor) * steps % 2 or batch % 2  # none left, or no minibatch of two
    else:
        assert fewer.num_envs == num_envs // divisor
        assert (fewer.num_envs * steps) % fewer.batch_size == 0 and fewer.batch_size <= batch


@pytest.mark.parametrize("algorithm", ["SAC", "DQN"])
def test_off_policy_algorithms_keep_their_minibatches(algorithm: str) -> None:
    fewer = divided(SB3, 2, algorithm=algorithm, num_envs=6, batch_size=7)
    assert (fewer.num_envs, fewer.batch_size) == (3, 7)
    assert divided(SB3, 2, algorithm=algorithm) is None  # one environment is all they have by default


@pytest.mark.parametrize(
    ("given", "divisor", "num_envs", "minibatch"),
    [
        ({}, 2, 8, 32),
        ({}, 4, 4, 16),
        ({"num_envs": 4096, "params": {"config": {"minibatch_size": 32768}}}, 2, 2048, 32768),
        ({"num_envs": 4096, "params": {"config": {"minibatch_size": 32768}}}, 4, 1024, 16384),
        ({"num_envs": 6, "params": {"config": {"horizon_length": 4, "minibatch_size": 8}}}, 4, 1, 4),
    ],
)
def test_an_epoch_of_rl_games_gets_smaller(given: dict, divisor: int, num_envs: int, minibatch: int) -> None:
    fewer = divided(RLGames, divisor, **given)
    assert (fewer.num_envs, fewer.minibatch) == (num_envs, minibatch)


def test_where_there_are_too_few_none_is_offered() -> None:
    assert divided(RLGames, 2, num_envs=1) is None
    assert divided(Population, 4, num_envs=3, n_steps=2, batch_size=2) is None
    assert divided(RLGamesOptions, 2, num_envs=3) is None


def test_of_a_curriculum_it_is_the_inner_trainer_that_changes() -> None:
    lessons = [{"name": "easy", "steps": 10}, {"name": "whole"}]
    fewer = divided(Curriculum, 2, inner={"use": "population", "num_envs": 8, "n_steps": 4, "batch_size": 32}, lessons=lessons)
    assert fewer.inner.spec.options["num_envs"] == 4
    assert fewer.inner.spec.options["batch_size"] == 16
    assert [lesson.name for lesson in fewer.lessons] == ["easy", "whole"]


def test_of_a_checkout_the_options_say_by_what_to_divide() -> None:
    assert divided(RLGamesOptions, 4).num_envs_divided == 4
    assert divided(RLGamesOptions, 2, num_envs=4, num_envs_divided=1).num_envs_divided == 2
