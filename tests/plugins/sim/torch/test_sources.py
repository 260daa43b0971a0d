"""What a variable's source may be."""

from __future__ import annotations

import numpy as np
import pytest
from torch_envs import make

from eureka.config import load_config
from eureka.errors import ConfigError


def test_variables_and_entries_of_the_observation_are_read():
    sources = {"angle": "pole_angle", "second": "obs[1]", "last": "obs[2:4]", "all": "obs"}
    env = make("torch_cartpole", 2, sources)
    values = env.reset([0, 1]).values
    seen = env.step(np.zeros((2, 1)))
    assert {name: value.shape for name, value in values.items()} == {"angle": (2,), "second": (2,), "last": (2, 2), "all": (2, 4)}
    np.testing.assert_array_equal(seen.values["all"], seen.final_observations)
    np.testing.assert_array_equal(seen.values["angle"], seen.final_observations[:, 2])
    np.testing.assert_array_equal(seen.values["last"], seen.final_observations[:, 2:4])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "pole_angel",
            "'pole_angel' is nothing this environment tells; did you mean \"pole_angle\"? Valid: cart_position, cart_velocity, pole_angle, "
            "pole_velocity, obs, obs[0] to obs[3], obs[a:b], action, length, terminated, FILE.py:function.",
        ),
        ("env.pole", "'env.pole' is nothing this environment tells"),
        ("info.x", "'info.x' is nothing"),
        ("obs[4]", "'obs[4]' is not within the observation, which has 4 entries: valid are obs[0] to obs[3], and obs[a:b] with a < b ≤ 4."),
        ("obs[2:2]", "'obs[2:2]' is not within"),
        ("obs[1:5]", "'obs[1:5]' is not within"),
        ("obs[-1]", "'obs[-1]' is nothing"),
    ],
)
def test_anything_else_is_refused_with_what_is_valid(source, words):
    task = load_config("torch_cartpole").task
    with pytest.raises(ConfigError) as caught:
        make("torch_cartpole", 1, {"pole_angle": source}, task)
    assert str(caught.value).startswith("variables.pole_angle.from: ") and words in str(caught.value)
    with pytest.raises(ConfigError, match=r"^fitness\.value: "):
        make("torch_cartpole", 1, {"fitness:value": source}, task)
