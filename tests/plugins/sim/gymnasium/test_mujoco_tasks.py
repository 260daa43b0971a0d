"""The tasks of MuJoCo's robots: what their fitness counts, and what it does not."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from eureka.config import load_config
from eureka.errors import ConfigError
from eureka.types import VariableSpec
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policy
from eureka.worker.fold import Fold
from eureka.worker.functions import load_function
from eureka.worker.recorder import Recorder, all_names

RUNNERS = ("ant", "half_cheetah", "hopper", "humanoid", "swimmer", "walker2d")
# Velocities that throw a robot forwards and out of what counts as standing: index in qvel to m/s or rad/s.
THROWN = {"ant": {0: 3.0, 2: 4.0}, "hopper": {0: 3.0, 2: 2.0}, "humanoid": {0: 3.0, 4: 3.0}, "walker2d": {0: 3.0, 2: 4.0}}


def recorder(name: str, num_envs: int, **more: str) -> Recorder:
    """The task's environment with every variable, and more of these sources."""
    task = load_config(name).task
    variables = {**task.variables, **{key: VariableSpec(source=source) for key, source in more.items()}}
    task = task.model_copy(update={"variables": variables})
    return make_recorder(worker_hooks(task), task, num_envs, all_names(task))


def states(env: Recorder) -> list:
    """The simulation behind each row."""
    return [row.unwrapped for row in env.env._envs]


def measure(name, act, episodes):
    env = recorder(name, episodes)
    measured = evaluate_policy(env, act, list(range(episodes)), env.task.fitness.fold, 2000)
    env.close()
    return measured


@pytest.mark.parametrize("name", RUNNERS)
def test_a_runners_fitness_is_the_distance_by_the_time_of_a_whole_episode(name):
    env = recorder(name, 1, position="env.data.qpos[0]", centre="env.data.subtree_com[0][0]")
    env.reset([3])
    simulation, limit = states(env)[0], env.max_episode_steps
    assert limit == 1000
    rng = np.random.default_rng(0)
    for _ in range(30):
        env.step(env.action_space.sample(rng)[None])
    recorded = env.take()
    ended = np.flatnonzero(recorded.terminated[:, 0])
    steps = ended[0] + 1 if len(ended) else 30
    # The humanoid's speed is that of its centre of mass, which its documentation says.
    place = "centre" if name == "humanoid" else "position"
    start, end = recorded.variables[f"prev_{place}"][0, 0], recorded.variables[place][steps - 1, 0]
    assert recorded.fitness[:steps, 0].sum() == pytest.approx((end - start) / (limit * simulation.dt), abs=1e-3)
    env.close()


@pytest.mark.parametrize("name", THROWN)
def test_a_robot_that_dives_forwards_scores_less_than_one_that_walks_slowly(name):
    """By the mean over the steps it made it would be far ahead."""
    env = recorder(name, 1)
    env.reset([0])
    simulation = states(env)[0]
    speeds = np.zeros(simulation.model.nv)
    speeds[list(THROWN[name])] = list(THROWN[name].values())
    simulation.set_state(simulation.init_qpos, speeds)
    dived: list[float] = []
    for _ in range(200):
        ended = env.step(np.zeros((1, *env.action_space.shape))).terminated[0]
        dived.append(env.take().fitness[0, 0])
        if ended:
            break
    env.close()
    fold = Fold(env.task.fitness.fold, 2)
    for step in range(1000):
        walked = 0.3 / 1000  # 0.3 m/s
        fold.add(np.array([dived[min(step, len(dived) - 1)], walked]), np.array([step < len(dived), True]))
    diver, walker = fold.result()
    assert ended and np.mean(dived) * 1000 > 1.0  # m/s while it lasted
    assert diver < 0.25 < walker == pytest.approx(0.3)


def test_half_cheetah_counts_forwards_as_good_and_backwards_as_bad():
    env = recorder("half_cheetah", 2)
    env.reset([0, 1])
    for simulation, speed in zip(states(env), (2.0, -2.0), strict=True):
        speeds = np.zeros(simulation.model.nv)
        speeds[0] = speed
        simulation.set_state(simulation.init_qpos, speeds)
    env.step(np.zeros((2, 6)))
    fitness = env.take().fitness[0]
    env.close()
    assert fitness[0] > 0.001 > -0.001 > fitness[1]


@pytest.mark.parametrize("name", ["ant", "humanoid"])
def test_uprightness_is_the_cosine_of_the_torsos_tilt(name):
    function = load_function(load_config(name).task.variables["uprightness"].source, ("torso_orientation",), "uprightness")
    half = np.sqrt(0.5)
    turned = {
        "upright": (1, 0, 0, 0),
        "facing backwards": (0, 0, 0, 1),
        "on its side": (half, half, 0, 0),
        "on its face": (half, 0, half, 0),
        "upside down": (0, 1, 0, 0),
        "scaled by the noise of a reset": (1.1, 0, 0, 0),
    }
    orientations = np.array([np.array(q, float) for q in turned.values()])
    np.testing.assert_allclose(function({"torso_orientation": orientations}), [1, 1, 0, 0, -1, 1], atol=1e-12)


def test_reacher_counts_the_episodes_that_end_with_the_fingertip_on_the_target():
    def reach(observations):
        """Turn both joints to where the arm, bent one way, touches the target."""
        c1, c2, s1, s2, x, y, v1, v2, _, _ = observations.T
        bend = np.arccos(np.clip((x**2 + y**2 - 0.1**2 - 0.11**2) / (2 * 0.1 * 0.11), -1, 1))
        turn = np.arctan2(y, x) - np.arctan2(0.11 * np.sin(bend), 0.1 + 0.11 * np.cos(bend)) - np.arctan2(s1, c1)
        left = (turn + np.pi) % (2 * np.pi) - np.pi, bend - np.arctan2(s2, c2)
        return np.clip(np.stack([0.5 * left[0] - 0.1 * v1, 0.5 * left[1] - 0.1 * v2], axis=1), -1, 1)

    reached = measure("reacher", reach, 12)
    assert set(reached.fitness) <= {0.0, 1.0} and reached.fitness.mean() >= 0.6
    rng = np.random.default_rng(0)
    flailed = measure("reacher", lambda o: rng.uniform(-1, 1, (len(o), 2)), 20)
    assert flailed.fitness.mean() <= 0.2


def test_passing_over_the_target_is_no_success_of_reachers():
    env = recorder("reacher", 1)
    value = load_function(env.task.fitness.value, ("fingertip_offset",), "fitness.value")
    passing = value({"fingertip_offset": np.array([[0.05, 0.0], [0.005, 0.0], [0.0, -0.05]])})
    staying = value({"fingertip_offset": np.array([[0.05, 0.0], [0.03, 0.0], [0.014, 0.014]])})
    fold = Fold(env.task.fitness.fold, 2)
    for step in range(3):
        fold.add(np.array([passing[step], staying[step]]), np.ones(2, bool))
    env.close()
    assert passing.tolist() == [0.0, 1.0, 0.0] and fold.result().tolist() == [0.0, 1.0]


def test_pusher_counts_a_cylinder_on_the_goals_disc_and_none_where_it_began():
    env = recorder("pusher", 3)
    env.reset([0, 1, 2])
    for simulation, (along_y, along_x) in zip(states(env), ((0.0, 0.0), (0.05, -0.05), (0.0, -0.17)), strict=True):
        position = simulation.data.qpos.copy()
        position[-4:-2] = along_y, along_x  # against the goal: of the joint obj_slidey, then obj_slidex
        simulation.set_state(position, np.zeros(simulation.model.nv))
    env.step(np.zeros((3, 7)))
    recorded = env.take()
    env.close()
    assert recorded.fitness[0].tolist() == [1.0, 1.0, 0.0]
    np.testing.assert_allclose(recorded.variables["object_to_goal"][0], [[0, 0], [0.05, -0.05], [0.17, 0]], atol=1e-3)
    idle = measure("pusher", lambda o: np.zeros((len(o), 7)), 4)
    assert idle.fitness.tolist() == [0.0] * 4 and idle.length.tolist() == [100] * 4


def test_inverted_double_pendulum_counts_the_steps_until_the_fall():
    idle = measure("inverted_double_pendulum", lambda o: np.zeros((len(o), 1)), 4)
    assert idle.fitness.tolist() == idle.length.tolist() and idle.fitness.max() < 100
    # The tip's height is what ends the episode.
    assert (idle.variables["tip_height"][np.isin(idle.step, idle.length - 1)] <= 1.05).any()


def test_fetch_reach_counts_the_episodes_that_end_at_the_goal():
    # Where it is there it must work, for which `make test-robotics` has the MuJoCo that it works with.
    pytest.importorskip("gymnasium_robotics", reason="needs gymnasium-robotics: make test-robotics")

    def reach(observations):  # flattened in the order of the keys: achieved goal, desired goal, observation
        return np.pad(np.clip(10 * (observations[:, 3:6] - observations[:, :3]), -1, 1), ((0, 0), (0, 1)))

    reached = measure("fetch_reach", reach, 3)
    assert reached.fitness.tolist() == [1.0] * 3 and reached.length.tolist() == [50] * 3
    assert np.abs(reached.variables["gripper_offset"][reached.step == 50]).max() < 0.05
    fled = measure("fetch_reach", lambda o: -reach(o), 3)
    assert fled.fitness.tolist() == [0.0] * 3


def test_fetch_reach_without_its_extra_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium_robotics", None)
    with pytest.raises(ConfigError) as error:
        recorder("fetch_reach", 1)
    assert str(error.value).startswith("sim.env: gymnasium_robotics:FetchReachDense-v4 could not be made")
    assert str(error.value).endswith('pip install "eureka-plugin-gymnasium[robotics]"')
