"""`sb3.zip`: what plain stable-baselines3 makes of a checkpoint."""

from __future__ import annotations

import subprocess
import sys
import time

import gymnasium
import numpy as np
import pytest
import stable_baselines3

from eureka.spaces import Box
from eureka_sb3.spaces import library_space, view

# Nothing of this project can be imported there, as on a machine that does not have it.
PLAIN = """
import sys
for name in ("eureka", "eureka_sb3", "eureka_gymnasium"):
    sys.modules[name] = None
import numpy as np, stable_baselines3
for case in sys.argv[1:]:
    algorithm, directory = case.split(":")
    model = getattr(stable_baselines3, algorithm).load(directory + "/sb3.zip")
    observations = np.load(directory + "/seen.npy")
    np.save(directory + "/actions.npy", np.stack([model.predict(row, deterministic=True)[0] for row in observations]))
"""


class Plain:
    """Policies to be tried by the library alone, all in one process."""

    def __init__(self, directory):
        self.directory, self.cases = directory, []

    def add(self, tools, algorithm, seen):
        directory = self.directory / str(len(self.cases))
        directory.mkdir()
        tools.policies["a"].save(directory)
        np.save(directory / "seen.npy", seen)
        self.cases.append((algorithm, directory, tools.policies["a"].act(seen), getattr(tools.envs[0].action_space, "start", 0)))

    def check(self):
        cases = [f"{algorithm}:{directory}" for algorithm, directory, _, _ in self.cases]
        subprocess.run([sys.executable, "-W", "error::UserWarning", "-c", PLAIN, *cases], check=True)
        for algorithm, directory, actions, start in self.cases:
            # The library's Discrete actions count from 0.
            np.testing.assert_allclose(np.load(directory / "actions.npy") + start, actions, atol=1e-6, err_msg=algorithm)


@pytest.mark.slow
def test_plain_stable_baselines3_loads_it_and_acts_the_same(sb3, tmp_path):
    plain, rng = Plain(tmp_path), np.random.default_rng(0)
    for algorithm in ("PPO", "SAC", "TD3", "DDPG", "DQN"):
        tools = sb3.train(steps=96, algorithm=algorithm, learning_rate_schedule="linear", every=1000)
        plain.add(tools, algorithm, rng.normal(size=(6, 2)).astype(np.float32))
    # Images are given to it as the environment has them.
    tools = sb3.train(steps=32, env={"sees": "colour"}, n_steps=8, every=1000)
    plain.add(tools, "PPO", rng.integers(0, 256, (3, 36, 40, 3)).astype(np.uint8))
    plain.check()


@pytest.mark.slow
def test_a_class_from_the_users_file_goes_in_whole(sb3, tmp_path):
    own = tmp_path / "own.py"
    own.write_text("from stable_baselines3.common.policies import ActorCriticPolicy\n\n\nclass Policy(ActorCriticPolicy):\n    pass\n")
    tools = sb3.train(policy=f"{own}:Policy", every=1000)
    own.unlink()
    plain = Plain(tmp_path)
    plain.add(tools, "PPO", np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32))
    plain.check()


class Still(gymnasium.Env):
    """An environment with the spaces of the fixture's."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float64)
    action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        return np.zeros(2), {}

    def step(self, action):
        return np.zeros(2), 0.0, False, False, {}


@pytest.mark.parametrize("algorithm", ["PPO", "SAC"])
def test_training_goes_on_in_the_environment_itself(sb3, tmp_path, algorithm):
    tools = sb3.train(steps=96, algorithm=algorithm, env={"actions": "box"}, every=1000)
    tools.policies["a"].save(tmp_path)
    model = getattr(stable_baselines3, algorithm).load(tmp_path / "sb3.zip", env=Still())
    assert model.learn(32, reset_num_timesteps=False).num_timesteps >= 128


def test_the_observation_space_is_the_environments_own():
    theirs = gymnasium.make("CartPole-v1").observation_space
    space = Box(shape=(4,), low=tuple(theirs.low.tolist()), high=tuple(theirs.high.tolist()))
    assert library_space(space, view(space, by_parts=False)) == theirs


def test_it_holds_no_replay_buffer_and_takes_little_time(sb3, tmp_path):
    tools = sb3.train(steps=128, algorithm="SAC", buffer_size=200_000)
    times = []
    for index in range(5):
        directory = tmp_path / str(index)
        directory.mkdir()
        started = time.perf_counter()
        tools.policies["a"].save(directory)
        times.append(time.perf_counter() - started)
    assert (directory / "sb3.zip").stat().st_size < 100_000
    assert min(times) < 0.5


def test_a_loaded_policy_keeps_the_file(sb3, tmp_path):
    from eureka.training import LoadRequest
    from eureka_sb3 import SB3Trainer

    tools = sb3.train()
    env, directory, again = tools.envs[0], tools.workdir / "a-0-256", tmp_path / "again"
    again.mkdir()
    SB3Trainer(SB3Trainer.Options()).eureka_load_policy(LoadRequest(directory, env.observation_space, env.action_space)).save(again)
    assert (again / "sb3.zip").read_bytes() == (directory / "sb3.zip").read_bytes()


def test_what_cannot_be_pickled_is_a_warning_and_no_file(sb3, tmp_path):
    tools = sb3.train()
    policy = tools.policies["a"]
    with pytest.MonkeyPatch.context() as patch:
        from stable_baselines3 import PPO

        def fail(self, path, exclude):
            path.write_text("half")
            raise TypeError("cannot pickle")

        patch.setattr(PPO, "save", fail)
        with pytest.warns(UserWarning, match="sb3.zip is not written: TypeError: cannot pickle"):
            policy.save(tmp_path)
    assert (tmp_path / "policy.npz").exists() and not (tmp_path / "sb3.zip").exists()
