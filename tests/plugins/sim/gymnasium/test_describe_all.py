"""What a model sees of every environment Gymnasium offers: right shapes, no leak, the source where there is one, in seconds."""

from __future__ import annotations

import ast
import re
import time

import gymnasium
import numpy as np
import pytest

from eureka.errors import ConfigError
from eureka.job_types import DescribeJob
from eureka.types import Fitness, Task
from eureka.worker import describe
from eureka.worker.protocol import Events

CLASSIC = ("CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Acrobot-v1", "Pendulum-v1")
BOX2D = ("LunarLander-v3", "LunarLanderContinuous-v3", "BipedalWalker-v3", "BipedalWalkerHardcore-v3", "CarRacing-v3")
TOY_TEXT = ("Blackjack-v1", "FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1", "CliffWalkingSlippery-v1", "Taxi-v4")
ROBOTS = (
    "Reacher", "InvertedPendulum", "InvertedDoublePendulum", "HalfCheetah", "Hopper", "Swimmer", "Walker2d", "Ant", "Humanoid",
    "HumanoidStandup",
)  # fmt: skip
MUJOCO = (*(f"{robot}-{version}" for version in ("v5", "v4") for robot in ROBOTS), "Pusher-v5")
ATARI = ("ALE/Pong-v5", "ALE/Breakout-v5")
ALL = CLASSIC + BOX2D + TOY_TEXT + MUJOCO + ATARI

# Words of reward that are part of no other word. `return` is Python's, and Atari's documentation calls a game's bricks what they are.
REWARD = re.compile(r"(?<![a-z])(rewards?|rew|costs?|ctrl_cost|shaping|scores?|penalt(y|ies)|bonus)(?![a-z])", re.IGNORECASE)
# What each environment's reward is made of, as its source writes it.
FORMULAS = {
    "Pendulum-v1": ("angle_normalize(th) ** 2", "0.1 * thdot", "0.001"),
    "LunarLander-v3": ("-100", "100 *", "m_power * 0.3", "0.03"),
    "BipedalWalker-v3": ("130 *", "0.00035", "-100"),
    "CarRacing-v3": ("1000.0 /", "-= 0.1", "-100"),
    "Acrobot-v1": ("-1.0 if not",),
    "MountainCarContinuous-v0": ("100.0", "0.1"),
    "Hopper-v5": ("healthy_reward", "_forward_reward_weight", "control_cost"),
    "Reacher-v5": ("np.linalg.norm(vec)", "np.square(action)"),
    "Humanoid-v5": ("contact_cost", "np.square(self.data.ctrl)"),
    "InvertedDoublePendulum-v5": ("0.01 * x", "5e-3"),
    "FrozenLake-v1": ("float(newletter",),
}
NEEDED = {
    "BipedalWalker-v3": ("hull_position", "hull_angle", "legs_1_ground_contact", "joints_0_angle", "joints_0_speed"),
    "LunarLander-v3": ("lander_position", "lander_linear_velocity", "lander_angle", "legs_0_ground_contact"),
    "Reacher-v5": ("fingertip_position", "target_position"),
    "Pusher-v5": ("tips_arm_position", "object_position", "goal_position"),
    "Hopper-v5": ("qpos", "qvel", "torso_position"),
    "CartPole-v1": ("cart_position", "cart_velocity", "pole_angle", "pole_angular_velocity"),
    "ALE/Pong-v5": ("ram",),
}
LEFT_OUT = {
    "LunarLander-v3": ("env.prev_shaping",),
    "BipedalWalker-v3": ("env.prev_shaping",),
    "CarRacing-v3": ("env.reward", "env.prev_reward"),
    "Hopper-v5": ("env.healthy_reward", "info.reward_forward", "info.reward_ctrl", "info.reward_survive"),
    "Ant-v5": ("info.reward_forward", "info.reward_contact"),
    "Reacher-v5": ("info.reward_dist", "info.reward_ctrl"),
}


def look(env_id, folder, **options):
    """The context of a task made of nothing but the environment."""
    sim = {"use": "gymnasium", "options": {"env": env_id, **options}}
    task = Task(name="task", description="Do well.", sim=sim, fitness=Fitness(value="native"))
    result = describe.run(DescribeJob(run_dir=folder, task=task, seed=0), folder, Events(folder))
    return result.context


def source_of(text):
    """The Python in a context: all below its heading."""
    return re.split(r"^Source .*\n-+\n", text, maxsplit=1, flags=re.MULTILINE)[1] if "\nSource (" in text else ""


@pytest.mark.parametrize("env_id", ALL)
def test_a_model_sees_all_it_needs_and_nothing_of_the_reward(env_id, tmp_path):
    gymnasium.logger.min_level = gymnasium.logger.ERROR
    began = time.process_time()
    context = look(env_id, tmp_path)
    assert time.process_time() - began < 5

    recordings = np.load(tmp_path / "context/recordings.npz")
    assert set(recordings.files) == set(context.arguments)
    for variable in context.variables:
        assert recordings[variable.name].shape[1:] == variable.shape and np.isfinite(recordings[variable.name]).all()
        assert len(variable.low) == max(int(np.prod(variable.shape)), 1) and len(variable.shape) <= 1
        assert not REWARD.search(variable.name.replace("_", " "))
    assert context.derived and "action" in context.derived

    source = source_of(context.text)
    assert bool(source) == (env_id not in ATARI)  # a game's rules are in no Python file
    if source:
        ast.parse(source)
        assert "def step(" in source and "..." in source
    assert not REWARD.search(context.text.replace("_", " ")), REWARD.search(context.text.replace("_", " "))
    for formula in FORMULAS.get(env_id, ()):
        assert formula not in source
    assert set(NEEDED.get(env_id, ())) <= set(context.derived)
    assert set(LEFT_OUT.get(env_id, ())) <= {dropped.source for dropped in context.dropped}


def test_there_are_thirty_environments_and_more():
    assert len(set(ALL)) == len(ALL) >= 30


def test_the_state_of_the_physics_and_its_end_stay_in_the_source(tmp_path):
    for env_id, kept in {
        "Pendulum-v1": ("newthdot = thdot + (3 * g / (2 * l) * np.sin(th) + 3.0 / (m * l ** 2) * u) * dt",),
        "CartPole-v1": ("terminated = bool(", "self.force_mag"),
        "LunarLander-v3": ("self.game_over", "self.lander.awake", "self.legs[0].ground_contact"),
        "Hopper-v5": ("is_healthy", "do_simulation"),
    }.items():
        source = source_of(look(env_id, tmp_path).text)
        assert all(line in source for line in kept), env_id


def test_an_observation_that_is_no_number_is_refused_with_a_line(tmp_path):
    (tmp_path / "words.py").write_text(
        "import gymnasium\n\n\nclass Words(gymnasium.Env):\n"
        "    observation_space = gymnasium.spaces.Text(8)\n    action_space = gymnasium.spaces.Discrete(2)\n\n"
        "    def reset(self, *, seed=None, options=None):\n        return 'hello', {}\n\n"
        "    def step(self, action):\n        return 'hello', 0.0, False, False, {}\n"
    )
    with pytest.raises(ConfigError, match=r"^sim.env: the observation space has a Text, which policies cannot read"):
        look(f"{tmp_path}/words.py:Words", tmp_path)
