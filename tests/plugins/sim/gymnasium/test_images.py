"""Observations that are pictures: Atari with Gymnasium's own wrappers, and others."""

from __future__ import annotations

import sys

import gymnasium
import numpy as np
import pytest

from eureka.errors import ConfigError

ATARI = {
    "env": "ALE/Pong-v5",
    "kwargs": {"frameskip": 1},
    "wrappers": [
        {"use": "gymnasium.wrappers:AtariPreprocessing", "noop_max": 5, "frame_skip": 4},
        {"use": "gymnasium.wrappers:FrameStackObservation", "stack_size": 4},
    ],
}


@pytest.fixture
def atari():
    pytest.importorskip("ale_py", reason="needs gymnasium[atari]")
    pytest.importorskip("cv2", reason="needs opencv-python-headless")


def test_an_atari_id_needs_no_module_before_it(make, atari):
    env = make("ALE/Pong-v5")
    assert env.observation_space.shape == (210, 160, 3) and env.observation_space.dtype == "uint8"
    assert env.reset([0]).observations.dtype == np.uint8
    env.close()


def test_an_older_atari_name_is_found_as_well(make, atari):
    env = make("PongNoFrameskip-v4")
    assert env.observation_space.shape == (210, 160, 3)
    env.close()


def test_atari_is_preprocessed_and_stacked_by_gymnasiums_own_wrappers(make, atari):
    env = make(n=2, sources={"frame": "info.frame_number", "skipped": "env.frame_skip"}, **ATARI)
    assert (env.observation_space.shape, env.observation_space.dtype) == ((4, 84, 84), "uint8")
    assert (env.observation_space.low, env.observation_space.high) == ((0.0,), (255.0,))
    before = env.reset([0, 1]).observations
    assert before.shape == (2, 4, 84, 84) and before.dtype == np.uint8
    step = env.step(np.array([2, 3]))
    np.testing.assert_array_equal(step.observations[:, :3], before[:, 1:])
    assert (step.values["frame"] >= 4).all() and step.values["skipped"].tolist() == [4.0, 4.0]
    env.close()


def test_an_atari_row_does_not_depend_on_the_others(make, atari):
    together, alone = make(n=2, **ATARI), make(n=1, **ATARI)
    together.reset([5, 6])
    alone.reset([6])
    for action in np.random.default_rng(0).integers(6, size=(15, 2)):
        np.testing.assert_array_equal(together.step(action).observations[1], alone.step(action[1:]).observations[0])
    together.close()
    alone.close()


def test_an_atari_environment_without_its_package_names_the_pip_line(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "ale_py", None)
    monkeypatch.delitem(gymnasium.registry, "ALE/Pong-v5", raising=False)
    with pytest.raises(ConfigError, match=r'^sim.env: ALE/Pong-v5 needs .*pip install "gymnasium\[atari\]"'):
        make("ALE/Pong-v5")


def test_pixels_keep_their_bytes_and_a_game_is_readable_beside_them(make):
    env = make("CarRacing-v3", 1, {"angle": "env.car.hull.angle"}, wrappers=["gymnasium.wrappers:GrayscaleObservation"])
    assert (env.observation_space.shape, env.observation_space.dtype) == ((96, 96), "uint8")
    env.reset([0])
    step = env.step(np.array([[1.0, 1.0, 0.0]]))
    assert step.observations.dtype == step.final_observations.dtype == np.uint8 and step.observations.max() > 50
    assert step.values["angle"].shape == (1,)
    env.close()


def test_a_picture_beside_numbers_is_a_part_of_the_flat_observation(make):
    wrappers = [{"use": "gymnasium.wrappers:ReshapeObservation", "shape": [48, 192]}, "gymnasium.wrappers:TimeAwareObservation"]
    wrappers = ["gymnasium.wrappers:GrayscaleObservation", wrappers[0], {"use": wrappers[1], "flatten": False}]
    env = make("CarRacing-v3", 1, wrappers=wrappers)
    picture, time = env.observation_space.parts
    assert (picture.key, picture.shape, picture.image) == ("obs", (48, 192), True)
    assert (time.key, time.image) == ("time", False) and env.observation_space.shape == (time.stop,)
    raw, _ = env._envs[0].reset(seed=3)
    np.testing.assert_array_equal(env.reset([3]).observations[0, picture.start : picture.stop].reshape(48, 192), raw["obs"])
    env.close()
