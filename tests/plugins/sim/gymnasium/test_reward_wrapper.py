"""The found reward around somebody else's environment: the same numbers as in training, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cloudpickle
import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import DummyVecEnv

from eureka.errors import ConfigError, RewardFailed
from eureka.job_types import TrainJob
from eureka.reward_file import with_header
from eureka.types import Budget, ComponentSpec, Task, Trial
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.reward_client import RewardHost
from eureka.worker.reward_sources import open_source, wanted_names
from eureka_gymnasium import RewardWrapper

FUNCTIONS = """
def energy(cos_angle, velocity, length):
    return 0.5 * velocity**2 + 10.0 * cos_angle + 0.001 * length
"""
CARTPOLE = """
import numpy as np

def compute_reward(pole_angle, prev_pole_angle, cart_velocity, action, prev_action, terminated):
    upright = np.exp(-10.0 * pole_angle**2)
    progress = np.abs(prev_pole_angle) - np.abs(pole_angle)
    steady = -0.1 * np.abs(action - prev_action)[:, 0]
    total = upright + progress + steady - 5.0 * terminated + 0.01 * cart_velocity
    print("never seen")
    return total, {"upright": upright, "progress": progress, "steady": steady, "terminated": -5.0 * terminated}
"""
PENDULUM = """
import numpy as np

def compute_reward(cos_angle, angles, prev_velocity, velocity, action, prev_action, terminated, energy, prev_energy, turned):
    swing = np.tanh(energy - prev_energy)
    effort = -0.1 * (action**2).sum(axis=1) - 0.05 * np.abs(action - prev_action)[:, 0]
    total = cos_angle + swing + effort + 0.1 * (velocity - prev_velocity) + angles[:, 1] - terminated + 0.01 * turned
    return total, {"swing": swing, "effort": effort}
"""


def pendulum_variables(functions: Path) -> dict[str, str]:
    return {
        "cos_angle": "obs[0]",
        "angles": "obs[0:2]",
        "velocity": "obs[2]",
        "action": "action",
        "energy": f"{functions}:energy",
        "turned": "env.state[0]",
    }


def task(env: str, variables: dict[str, str], **sim) -> Task:
    return Task.model_validate(
        {
            "name": env,
            "description": "",
            "sim": {"use": "gymnasium", "env": env, **sim},
            "variables": {name: {"from": source} for name, source in variables.items()},
            "fitness": {"value": "length", "fold": "last"},
        }
    )


CARTPOLE_TASK = task("CartPole-v1", {"cart_velocity": "obs[1]", "pole_angle": "obs[2]", "action": "action"})


def in_training(of: Task, code: str, actions: list[list[np.ndarray]], seed: int):
    """The rewards of these episodes as a trainer gets them: recorder, batch and reward process. [(reward, components)]."""
    trial = Trial(id="t", reward="candidate", code=code, seed=0, dir="t")
    budget = Budget(start=0, end=1, total=1, episodes=1)
    job = TrainJob(
        run_dir=Path("/"), task=of, trainer=ComponentSpec(use="none"), trials=(trial,), budget=budget, isolation="require", specs={}
    )
    hooks, host = worker_hooks(of), RewardHost()
    recorder = make_recorder(hooks, of, 1, wanted_names(job, hooks, Path("/")))
    recorder.reset([seed])
    for episode in actions:
        for action in episode:
            step = recorder.step(np.asarray(action)[None])
        assert step.terminated[0] or step.truncated[0]
    source = open_source(trial, job, hooks, host, Path("/"))
    try:
        total, components = source.compute(recorder.take())
    finally:
        host.close()
        recorder.close()
    return [(total[t, 0], {name: values[t, 0] for name, values in components.items()}) for t in range(len(total))]


def episodes_of(env: gymnasium.Env, episodes: int, seed: int):
    """Actions per episode, rewards and infos of a wrapped environment under random actions, some of them out of bounds."""
    rng = np.random.default_rng(seed)
    actions, results = [], []
    for episode in range(episodes):
        env.reset(seed=seed if episode == 0 else None)
        actions.append([])
        over = False
        while not over:
            is_box = isinstance(env.action_space, spaces.Box)
            action = (1.5 * rng.uniform(env.action_space.low, env.action_space.high)) if is_box else rng.integers(env.action_space.n)
            actions[-1].append(action)
            # An environment outside of training is given what its code gives: here, as stable-baselines3 does, clipped actions.
            given = np.clip(action, env.action_space.low, env.action_space.high).astype(np.float32) if is_box else int(action)
            _, reward, terminated, truncated, info = env.step(given)
            results.append((reward, info))
            over = terminated or truncated
    return actions, results


@pytest.fixture
def file(tmp_path):
    """A reward's file that says what its variables are."""

    def write(code: str, of: Task = CARTPOLE_TASK) -> Path:
        path = tmp_path / "best_reward.py"
        path.write_text(with_header(code, of, "A reward."))
        return path

    return write


@pytest.mark.parametrize("name", ["CartPole-v1", "Pendulum-v1"])
def test_the_rewards_are_those_of_training_over_three_episodes(file, tmp_path, name):
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    of = CARTPOLE_TASK if name == "CartPole-v1" else task(name, pendulum_variables(tmp_path / "functions.py"))
    code = CARTPOLE if name == "CartPole-v1" else PENDULUM
    actions, results = episodes_of(RewardWrapper(gymnasium.make(name), file(code, of)), 3, seed=5)
    trained = in_training(of, code, actions, seed=5)
    assert len(trained) == len(results) >= 30
    for (total, components), (reward, info) in zip(trained, results, strict=True):
        assert type(reward) is float and reward == pytest.approx(total, abs=1e-6)
        assert info["reward_components"] == pytest.approx(components, abs=1e-6)
        assert all(type(value) is float for value in info["reward_components"].values())


def test_the_environments_own_reward_and_observations_stay_as_they_are(file, capsys):
    plain, wrapped = gymnasium.make("CartPole-v1"), RewardWrapper(gymnasium.make("CartPole-v1"), file(CARTPOLE))
    np.testing.assert_array_equal(plain.reset(seed=3)[0], wrapped.reset(seed=3)[0])
    for action in (0, 1, 1):
        observation, reward, *_ = plain.step(action)
        seen, found, *_, info = wrapped.step(action)
        np.testing.assert_array_equal(observation, seen)
        assert info["original_reward"] == reward == 1.0 != found
    assert capsys.readouterr().out == ""


def test_the_action_is_clipped_for_the_reward_and_untouched_for_the_environment(file):
    code = "def compute_reward(action):\n    return action[:, 0] + 0.0, {'action': action[:, 0]}\n"
    box = gymnasium.make("EurekaTest/Spaces-v0", observation=spaces.Box(0, 1, (1,)), action=spaces.Box(-1, 1, (1,)))
    env = RewardWrapper(box, file(code, task("EurekaTest/Spaces-v0", {"action": "action"})))
    env.reset(seed=0)
    assert env.step(np.array([3.0]))[1] == 1.0
    assert env.unwrapped.applied == [np.array([3.0])]


def test_what_info_gives_only_after_a_step_is_zero_before_it(file):
    code = "def compute_reward(effort, prev_effort):\n    return effort - prev_effort, {'before': prev_effort, 'now': effort}\n"
    env = RewardWrapper(gymnasium.make("EurekaTest/Robot-v0"), file(code, task("EurekaTest/Robot-v0", {"effort": "info.effort"})))
    for _ in range(2):
        env.reset(seed=0)
        parts = [env.step(np.zeros(2, np.float32))[4]["reward_components"] for _ in range(3)]
        assert [(part["before"], part["now"]) for part in parts] == [(0.0, 1.0), (1.0, 0.0), (0.0, 3.0)]


class Meter(gymnasium.Wrapper):
    """Counts steps as something of its own."""

    def __init__(self, env):
        super().__init__(env)
        self.energy_used = 0.0

    def step(self, action):
        self.energy_used += 1.0
        return self.env.step(action)


def test_a_wrappers_own_attribute_is_read_where_the_task_has_that_wrapper(file):
    code = "def compute_reward(used):\n    return used + 0.0, {'used': used}\n"
    path = file(code, task("CartPole-v1", {"used": "env.energy_used"}))
    env = RewardWrapper(Meter(gymnasium.make("CartPole-v1")), path)
    env.reset(seed=0)
    assert [env.step(0)[1] for _ in range(2)] == [1.0, 2.0]
    bare = RewardWrapper(gymnasium.make("CartPole-v1"), path)
    with pytest.raises(
        ConfigError, match=r"variable used \(env.energy_used\) cannot be read from CartPole-v1: .*energy_used.*same wrappers"
    ):
        bare.reset(seed=0)


def test_an_environment_of_another_id_is_refused_unless_that_is_asked_for(file):
    with pytest.raises(ConfigError, match=r"found for CartPole-v1; here it wraps CartPole-v0, .*any_env=True"):
        RewardWrapper(gymnasium.make("CartPole-v0"), file(CARTPOLE))
    env = RewardWrapper(gymnasium.make("CartPole-v0"), file(CARTPOLE), any_env=True)
    env.reset(seed=0)
    assert np.isfinite(env.step(0)[1])
    assert isinstance(gymnasium.make(env.spec), RewardWrapper)  # made again as it was


def test_an_environment_whose_observation_differs_is_refused_at_its_first_reset(file):
    env = RewardWrapper(gymnasium.make("MountainCar-v0"), file(CARTPOLE), any_env=True)
    with pytest.raises(ConfigError, match=r"pole_angle \(obs\[2\]\) cannot be read from MountainCar-v0: .*out of range"):
        env.reset(seed=0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("open('x', 'w')", r"reward.py:2: refused.*`open` is not available"),
        ("import os", r"reward.py:2: refused.*may import numpy"),
        ("return pole_tilt, {'t': pole_tilt}", r"`pole_tilt` is not defined"),
    ],
)
def test_code_that_fails_the_static_check_is_refused_with_line_and_reason(tmp_path, line, message):
    (tmp_path / "reward.py").write_text(f"def compute_reward(pole_angle):\n    {line}\n")
    with pytest.raises(ConfigError, match=message):
        RewardWrapper(gymnasium.make("CartPole-v1"), tmp_path / "reward.py", task="cartpole")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("return pole_angle, {'a': pole_angle / 0.0}", "non_finite", r'component "a" is .* where pole_angle = .*\(step 1 of the episode\)'),
        ("raise ValueError('no')", "error", r"reward.py:2: ValueError: no \(step 1"),
        ("return pole_angle.mean(), {'a': pole_angle}", "contract", r"total is a float64.*\(step 1"),
        ("pole_angle *= 0\n    return pole_angle, {'a': pole_angle}", "error", r"read-only"),
    ],
)
def test_a_reward_that_fails_names_what_and_the_step(tmp_path, body, code, message):
    (tmp_path / "reward.py").write_text(f"def compute_reward(pole_angle):\n    {body}\n")
    env = RewardWrapper(gymnasium.make("CartPole-v1"), tmp_path / "reward.py", task="cartpole")
    env.reset(seed=0)
    with pytest.raises(RewardFailed, match=message) as failed:
        env.step(0)
    assert failed.value.code == code


def test_a_file_that_does_not_say_what_its_variables_are_asks_for_the_task(tmp_path):
    (tmp_path / "reward.py").write_text("def compute_reward(pole_angle):\n    return pole_angle, {'a': pole_angle}\n")
    with pytest.raises(ConfigError, match="Give task=NAME of a shipped task"):
        RewardWrapper(gymnasium.make("CartPole-v1"), tmp_path / "reward.py")
    with pytest.raises(ConfigError, match=r"nothing\.py"):
        RewardWrapper(gymnasium.make("CartPole-v1"), tmp_path / "nothing.py")


@pytest.mark.parametrize("wrap", ["{}", "task: {}"])
def test_the_task_may_be_a_file_of_a_task_or_of_a_config(tmp_path, wrap):
    (tmp_path / "reward.py").write_text("def compute_reward(lean):\n    return lean + 0.0, {'lean': lean}\n")
    written = {
        "name": "mine",
        "description": "Stay up.",
        "sim": {"use": "gymnasium", "env": "CartPole-v1"},
        "variables": {"lean": {"from": "obs[2]"}},
        "fitness": {"value": "length"},
    }
    (tmp_path / "mine.yaml").write_text(wrap.format(json.dumps(written)))
    env = RewardWrapper(gymnasium.make("CartPole-v1"), tmp_path / "reward.py", task=tmp_path / "mine.yaml")
    env.reset(seed=0)
    observation, reward, *_ = env.step(0)
    assert reward == pytest.approx(float(observation[2]), abs=1e-12)


def test_a_vector_environment_is_refused_with_the_way_to_make_one(file):
    path = file(CARTPOLE)
    message = "wraps one environment.*make_vec_env.*wrapper_class=RewardWrapper"
    with pytest.raises(ConfigError, match=message):
        RewardWrapper(gymnasium.make_vec("CartPole-v1", num_envs=2), path)
    with pytest.raises(ConfigError, match=message):
        RewardWrapper(DummyVecEnv([lambda: gymnasium.make("CartPole-v1")]), path)
    env = make_vec_env("CartPole-v1", n_envs=2, wrapper_class=RewardWrapper, wrapper_kwargs={"source": str(path)})
    env.reset()
    _, rewards, _, infos = env.step([0, 1])
    assert rewards.shape == (2,) and all("reward_components" in info for info in infos)


def test_it_works_inside_gymnasiums_vector_environments_over_episode_ends(file):
    path = file(CARTPOLE)
    env = gymnasium.vector.SyncVectorEnv([lambda: RewardWrapper(gymnasium.make("CartPole-v1"), path)] * 2)
    env.reset(seed=0)
    ended = 0
    for _ in range(40):
        _, rewards, terminated, _, infos = env.step(np.array([1, 0]))
        ended += terminated.sum()
        if "reward_components" not in infos:  # the vector environment spent this step on resetting both
            assert rewards.tolist() == [0.0, 0.0]
            continue
        assert (infos["reward_components"]["terminated"] == -5.0 * terminated).all()
    assert ended >= 4


def test_gymnasiums_own_check_has_no_complaint_and_a_copy_by_pickle_goes_on_alike(file, recwarn):
    env = RewardWrapper(gymnasium.make("CartPole-v1"), file(CARTPOLE))
    env.reset(seed=1)
    copy = cloudpickle.loads(cloudpickle.dumps(env))
    assert [env.step(a)[1] for a in (0, 1, 1)] == [copy.step(a)[1] for a in (0, 1, 1)]
    again = gymnasium.make(env.spec)
    assert isinstance(again, RewardWrapper)
    check_env(RewardWrapper(gymnasium.make("CartPole-v1").unwrapped, file(CARTPOLE)), skip_render_check=True)


def test_importing_the_package_loads_no_gymnasium():
    script = "import sys, eureka_gymnasium; assert 'gymnasium' not in sys.modules; print('RewardWrapper' in eureka_gymnasium.__all__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
