"""Ways a reward hides in an environment's code: each must be cut or refused, and 7.77 is only ever its own."""

from __future__ import annotations

import pytest

from eureka.user_code import load_file
from eureka_gymnasium.pruning.prune import prune
from eureka_gymnasium.words import text_speaks_of_reward

BEGIN = """
import gymnasium
import numpy as np

{above}
class Env(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-9, 9, (2,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self):
        self.v = 0.0
        {init}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x = 0.0
        return self._obs(), {{}}

    def _obs(self):
        return np.array([self.x, self.v], np.float32)

"""
CASES = {
    "a helper's whole result, kept in a local": """
    def step(self, a):
        self.x += float(a[0])
        result = self._sim(a)
        return result

    def _sim(self, a):
        obs = self._obs()
        g = -7.77 * obs[0]
        return obs, g, False, False, {"g": g}
""",
    "terms in a dict that the info takes over": """
    def step(self, a):
        self.x += float(a[0])
        novelty = 7.77 * self.x
        parts = {"novelty": novelty}
        total = sum(parts.values())
        return self._obs(), total, False, False, {"moved": self.x, **parts}
""",
    "terms in a dict that a helper returns": """
    def step(self, a):
        self.x += float(a[0])
        t = self.compute_terms()
        r = t["x"] + t["v"]
        return self._obs(), r, False, False, {"terms": t}

    def compute_terms(self):
        return {"x": -7.77 * abs(self.x), "v": -7.77 * abs(self.v)}
""",
    "a product of a difference": """
    def step(self, a):
        self.x += float(a[0])
        up = 7.77 * self.x
        return self._obs(), 2 * (up - 1), False, False, {"up": up}
""",
    "weights in a dict of settings": """
    def step(self, a):
        self.x += float(a[0]) * CONFIG["dt"]
        r = -CONFIG["w_dist"] * abs(self.x)
        return self._obs(), r, False, False, {}
""",
    "an object that is called": """
    def step(self, a):
        self.x += float(a[0])
        return self._obs(), self.judge(self), False, False, {}
""",
    "a dict made by a call": """
    def step(self, a):
        self.x += float(a[0])
        d = dict(obs=self._obs(), g=7.77 * self.x)
        return d["obs"], d["g"], False, False, {}
""",
    "a decorator around step": """
    @scaled_by(7.77)
    def step(self, a):
        self.x += float(a[0])
        return self._obs(), -abs(self.x), False, False, {}
""",
    "an update of the info": """
    def step(self, a):
        self.x += float(a[0])
        info = {}
        near = 7.77 * self.x
        r = near
        info.update(r=r, near=near)
        return self._obs(), r, False, False, info
""",
}
ABOVE = {"weights in a dict of settings": 'CONFIG = {"dt": 0.05, "w_dist": 7.77}\n'}
ABOVE["an object that is called"] = "class Judge:\n    def __call__(self, env):\n        return 7.77 * env.x\n"
ABOVE["a decorator around step"] = """
def scaled_by(k):
    def around(step):
        def inner(self, action):
            obs, reward, terminated, truncated, info = step(self, action)
            return obs, k * reward, terminated, truncated, info
        return inner
    return around


"""
INIT = {"an object that is called": "self.judge = Judge()"}


def pruned(tmp_path, name, body):
    path = tmp_path / "env.py"
    path.write_text(BEGIN.format(above=ABOVE.get(name, ""), init=INIT.get(name, "")) + body)
    found = prune(load_file(path).Env)
    return "\n".join(part.text for part in found.parts), found.leftovers


@pytest.mark.parametrize("name", CASES)
def test_a_hidden_reward_is_cut_and_the_motion_stays(tmp_path, name):
    text, leftovers = pruned(tmp_path, name, CASES[name])
    assert "7.77" not in text and not leftovers
    assert "self.x += float(a[0])" in text


def test_a_reward_that_decides_the_end_is_refused(tmp_path):
    body = "    def step(self, a):\n        r = 7.77 if self.x > 1 else -7.77\n        return self._obs(), r, r != 0, False, {}\n"
    assert pruned(tmp_path, "", body)[1]


def test_a_reward_from_inside_that_is_observed_is_refused(tmp_path):
    path = tmp_path / "env.py"
    path.write_text("""
import gymnasium
import numpy as np


class LastSeen(gymnasium.ObservationWrapper):
    def __init__(self, env):
        super().__init__(env)
        self.last = 0.0

    def observation(self, observation):
        return np.append(observation, self.last)

    def step(self, action):
        observation, r, terminated, truncated, info = self.env.step(action)
        self.last = r * 7.77
        return self.observation(observation), r, terminated, truncated, info
""")
    assert {leftover.name for leftover in prune(load_file(path).LastSeen).leftovers} == {"last"}


def test_a_helper_that_the_physics_shares_with_the_reward_stays(tmp_path):
    body = """
    def step(self, a):
        self.x += clip(float(a[0]), -1, 1)
        r = clip(-7.77 * abs(self.x), -10, 10)
        return self._obs(), r, False, False, {}
"""
    ABOVE["shared"] = "def clip(x, low, high):\n    return max(low, min(high, x))\n\n"
    text, leftovers = pruned(tmp_path, "shared", body)
    assert not leftovers and "7.77" not in text and "min(high, x)" in text


@pytest.mark.parametrize(
    "sentence",
    [
        "The agent gets +1 for each step.",
        "Am Ziel gibt es eine Belohnung von 777.",
        "r = -7.77 * x ** 2",
        "+1 for each step",
        "The objective is to maximize 7 * v.",
    ],
)
def test_sentences_that_tell_the_reward_are_known(sentence):
    assert text_speaks_of_reward(sentence)


@pytest.mark.parametrize("sentence", ["The cart moves by 0.1 for each push.", "The angle is 0 when upright.", "Returns to the start."])
def test_sentences_of_physics_stay(sentence):
    assert not text_speaks_of_reward(sentence)
