"""What the leak guard says of sources, by the environment's code alone."""

from __future__ import annotations

from pathlib import Path

import gymnasium
import pytest

from eureka.user_code import load_file
from eureka_gymnasium.leak import HIDDEN, INFO, NAMED, ONLY_REWARD, PROPERTY, LeakGuard

MIXED = load_file(Path(__file__).parent / "mixed_envs.py")


@pytest.mark.parametrize(
    ("env_id", "reasons"),
    [
        (
            "LunarLander-v3",
            {"env.prev_shaping": NAMED, "env.lander.angle": None, "env.legs[0].ground_contact": None, "env.helipad_y": None},
        ),
        ("BipedalWalker-v3", {"env.prev_shaping": NAMED, "env.hull.angle": None, "env.scroll": None, "env.lidar[0].fraction": None}),
        ("CarRacing-v3", {"env.reward": NAMED, "env.prev_reward": NAMED, "env.tile_visited_count": None, "env.car.hull.angle": None}),
        ("Hopper-v5", {"env.healthy_reward": NAMED, "env.is_healthy": None, "info.reward_ctrl": NAMED, "info.x_velocity": None}),
        ("InvertedDoublePendulum-v5", {"info.distance_penalty": NAMED, "env.data.qpos[0]": None}),
        ("Pendulum-v1", {"env.last_u": None, "env.state[0]": None, "obs[0]": None, "obs.last_reward": NAMED, "env.hull.score": NAMED}),
    ],
)
def test_gymnasiums_own_attributes(env_id, reasons):
    guard = LeakGuard(gymnasium.make(env_id).unwrapped, [])
    assert {source: guard.reason(source) for source in reasons} == reasons


def test_an_attribute_that_only_reward_code_uses_is_told_from_one_that_moves_the_point():
    guard = LeakGuard(MIXED.HelperMovesToo(), [])
    assert {s: guard.reason(s) for s in ("env.prev_d", "env.x", "env.v")} == {"env.prev_d": ONLY_REWARD, "env.x": None, "env.v": None}
    guard = LeakGuard(MIXED.ByAttribute(), [])
    assert guard.reason("env.total") == guard.reason("env.smooth") == ONLY_REWARD
    assert LeakGuard(MIXED.WithParts(), []).reason("env.best") == ONLY_REWARD


def test_an_info_entry_that_holds_the_reward_or_a_term_of_it_is_none():
    guard = LeakGuard(MIXED.HelperMovesToo(), [])
    assert guard.reason("info.r") == INFO and guard.reason("info.dist") is None
    assert LeakGuard(MIXED.ByAttribute(), []).reason("info.total") == INFO
    assert LeakGuard(MIXED.DistanceIsObserved(), []).reason("info.d") is None, "it is state as well"
    assert LeakGuard(MIXED.WithParts(), []).reason("info.gain") == INFO


class Judged(gymnasium.Env):
    @property
    def progress(self):
        return self.x * self._reward_weight

    @property
    def height(self):
        return self.x + 1.0

    def step(self, action):
        return self.x, 1.0, self.progress > 3 and self.height > 2, False, {}


def test_a_property_whose_code_speaks_of_reward_is_none():
    guard = LeakGuard(Judged(), [])
    assert guard.reason("env.progress") == PROPERTY
    assert guard.reason("env.height") is None


def test_hidden_names_are_none_anywhere_in_a_source():
    guard = LeakGuard(gymnasium.make("LunarLander-v3").unwrapped, ["angle", "terrain"])
    assert guard.reason("env.lander.angle") == guard.reason("info.terrain") == HIDDEN
    assert guard.reason("env.lander.position[0]") is None


def test_a_wrappers_attributes_are_looked_into_too():
    guard = LeakGuard(MIXED.ScaledSteps(MIXED.HelperMovesToo()), [])
    assert guard.reason("env.scale") == ONLY_REWARD
    assert guard.reason("env.limit") is None
