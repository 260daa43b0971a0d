"""What a model reads of an environment."""

from __future__ import annotations

import time
from pathlib import Path

import gymnasium
import pytest

from eureka.env import EnvRequest
from eureka.errors import ConfigError
from eureka.hookspecs import ContextRequest
from eureka_gymnasium import GymnasiumSim
from eureka_gymnasium.pruning.prune import prune

MIXED = Path(__file__).parent / "mixed_envs.py"


def describe(env, **options):
    sim = GymnasiumSim(GymnasiumSim.Options(env=env, **options))
    return sim.eureka_extract_context(ContextRequest(None, (), sim.eureka_make_env(EnvRequest(None, 1, {}))))


def test_spaces_documentation_and_source_are_told():
    text = describe("Pendulum-v1")
    assert "Environment: Gymnasium's Pendulum-v1." in text
    assert "An episode is truncated after 200 steps." in text
    assert "| 2 | Angular Velocity | -8.0 | 8.0 |" in text
    assert "## Starting State" in text and "def _get_obs(self):" in text
    assert "Rewards" not in text and "theta_dt" not in text and "Version History" not in text


def test_it_takes_a_fraction_of_a_second():
    env = gymnasium.make("CarRacing-v3")
    began = time.process_time()
    prune(type(env.unwrapped))
    assert time.process_time() - began < 4.0  # of CPU time, also where the machine is busy


def test_it_is_bounded_and_says_what_is_missing():
    text = describe("Humanoid-v5")
    assert len(text) < 25_000
    assert "(The rest is left out for its length.)" in text


def test_a_long_class_keeps_its_step_and_names_what_is_left_out(tmp_path):
    methods = "\n".join(f"    def helper_{i}(self):\n" + f"        return [{', '.join(['12345'] * 60)}]\n" for i in range(60))
    file = tmp_path / "large.py"
    file.write_text(
        "import gymnasium\nimport numpy as np\nfrom gymnasium import spaces\n"
        "class Large(gymnasium.Env):\n"
        "    observation_space, action_space = spaces.Box(-1, 1, (1,)), spaces.Box(-1, 1, (1,))\n"
        f"{methods}\n"
        "    def reset(self, *, seed=None, options=None):\n        return np.zeros(1), {}\n"
        "    def step(self, action):\n        return np.zeros(1), 7.77, self.helper_0()[0] > 1, False, {}\n"
    )
    text = describe(f"{file}:Large")
    assert len(text) < 25_000 and "def step(self, action):" in text and "def reset(" in text
    assert "(Left out for their length: " in text and "Large.helper_59" in text


def test_a_users_file_of_text_takes_the_place_of_documentation_and_source(tmp_path):
    own = tmp_path / "context.txt"
    own.write_text("A pendulum. θ is measured from the top.\n", encoding="utf-8")
    text = describe("Pendulum-v1", context=own)
    assert text.endswith("A pendulum. θ is measured from the top.")
    assert "Observation space" in text and "def step" not in text
    with pytest.raises(ConfigError, match=r"sim\.context: .*missing\.txt: no such file"):
        describe("Pendulum-v1", context=tmp_path / "missing.txt")


def test_an_environment_in_a_users_file_is_told_with_its_wrappers():
    text = describe(f"{MIXED}:HelperMovesToo", wrappers=[f"{MIXED}:ScaledSteps", f"{MIXED}:Tanh", "gymnasium.wrappers:FlattenObservation"])
    assert "Environment: HelperMovesToo." in text
    assert "Wrapped, innermost first, in: ScaledSteps, FlattenObservation." in text.replace("Tanh, ", "")
    assert "What gives the" not in text and "Changes the action" not in text, "sentences that speak of reward"
    assert "class Line" in text and "class ScaledSteps" in text and "class Tanh" not in text
    assert "7.77" not in text


def test_a_source_that_still_tells_the_reward_is_refused_with_its_lines_and_the_ways_on():
    with pytest.raises(ConfigError) as refused:
        describe(f"{MIXED}:RewardEnds")
    message = str(refused.value)
    number = next(i for i, line in enumerate(MIXED.read_text().splitlines(), 1) if "done = reward > -0.1" in line)
    assert f"mixed_envs.py:{number}: done = reward > -0.1" in message
    assert "sim.hide: [reward]" in message and "sim.context: FILE" in message
    assert "done = ... > -0.1" in describe(f"{MIXED}:RewardEnds", hide=["reward"])


def test_an_environment_without_source_is_told_by_its_spaces():
    text = describe("ALE/Pong-v5")
    assert "Observation space: continuous, shape 210 × 160 × 3, each entry 0 to 255." in text and "Source" not in text
