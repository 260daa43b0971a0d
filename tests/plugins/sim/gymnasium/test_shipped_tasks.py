"""Each shipped task is driven by a controller written by hand: the fitness must tell it from an aimless one."""

from __future__ import annotations

from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.box2d.bipedal_walker import BipedalWalkerHeuristics
from gymnasium.envs.box2d.lunar_lander import heuristic

import eureka_gymnasium
from eureka.config import load_config
from eureka.tasks import list_configs, list_tasks
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policy
from eureka.worker.functions import load_human
from eureka.worker.recorder import all_names
from eureka.yaml_source import read_yaml

CLASSIC = ("acrobot", "bipedal_walker", "cartpole", "lunar_lander", "mountain_car_continuous", "pendulum")
ROBOTS = (
    "ant", "half_cheetah", "hopper", "humanoid", "inverted_double_pendulum", "pusher", "reacher", "swimmer", "walker2d",
)  # fmt: skip
TASKS = tuple(sorted(CLASSIC + ROBOTS))


def recorder(name, num_envs):
    task = load_config(name).task
    return task, make_recorder(worker_hooks(task), task, num_envs, all_names(task))


def measure(name, act, episodes=4):
    """The fitness and the length of every episode, and the recorded variables."""
    task, env = recorder(name, episodes)
    measured = evaluate_policy(env, act, list(range(episodes)), task.fitness.fold, 2000)
    env.close()
    return measured


def aimless(name, seed=0):
    _, env = recorder(name, 1)
    rng = np.random.default_rng(seed)
    return lambda observations: np.stack([env.action_space.sample(rng) for _ in observations])


def test_these_tasks_are_shipped_and_each_has_a_config_of_its_name():
    shipped = {*TASKS, "fetch_reach"}  # which needs an older MuJoCo: see test_mujoco_tasks.py
    ours = {name for name, path in list_tasks().items() if "eureka_gymnasium" in path.parts}
    assert ours == shipped and shipped <= set(list_configs())
    tasks = [load_config(name).task for name in shipped]
    assert {task.name for task in tasks} == shipped and all(task.fitness.unit for task in tasks)


def test_the_light_pendulum_is_a_first_lesson_for_the_pendulum():
    first, second = load_config("pendulum_light"), load_config("pendulum")
    assert first.trainer == second.trainer and first.task.fitness == second.task.fitness
    assert {name: v.source for name, v in first.task.variables.items()} == {name: v.source for name, v in second.task.variables.items()}
    assert first.task.sim.options["kwargs"] == {"g": 6.0} and second.task.sim.options["kwargs"] == {}


def test_what_a_shipped_task_needs_beyond_the_plugin_is_said():
    needs = read_yaml(Path(eureka_gymnasium.__file__).with_name("envs") / "needs.yaml").data
    said = {task: module for module, need in needs.items() for task in need["tasks"]}
    needed = {}
    for name, path in list_tasks().items():
        if "eureka_gymnasium" not in path.parts:
            continue
        module, _, env = read_yaml(path).data["sim"]["env"].rpartition(":")
        package = module or gymnasium.spec(env).entry_point.split(".")[2]
        needed[name] = {"mujoco": "mujoco", "box2d": "Box2D", "gymnasium_robotics": "gymnasium_robotics"}.get(package)
    assert said == {name: module for name, module in needed.items() if module} and len(said) >= 12


@pytest.mark.parametrize("name", TASKS)
def test_every_variable_of_a_task_is_described_and_finite_and_none_is_the_reward(name):
    task, env = recorder(name, 2)
    assert all(variable.meaning for variable in task.variables.values()) and task.fitness.solved is not None
    env.reset([0, 1])
    act = aimless(name)
    for _ in range(150):
        env.step(act(np.zeros(2)))
    recorded = env.take()
    env.close()
    for variable in all_names(task):
        values = recorded.flat(variable)
        assert np.isfinite(values).all()
    # The fitness is not the shaped reward. Acrobot's is its own reward negated, which is why its human reward is a file of ours.
    assert task.fitness.value != "native"
    assert (task.human == "native") == (name != "acrobot")


def test_pendulum_counts_the_share_of_steps_near_upright():
    task, env = recorder("pendulum", 1)
    env.reset([0])
    for degrees, upright in ((10.0, 1.0), (-14.0, 1.0), (16.0, 0.0), (180.0, 0.0)):
        env.env._state = np.array([[np.radians(degrees)], [0.0]])
        env.step(np.zeros((1, 1)))
        recorded = env.take()
        assert recorded.fitness[0, 0] == upright, (degrees, recorded.variables["angle_cosine"])
    env.close()
    assert measure("pendulum", aimless("pendulum")).fitness.max() < 0.3 and task.fitness.fold == "mean"


def test_mountain_car_is_solved_by_pushing_the_way_it_moves_and_not_by_chance():
    pumped = measure("mountain_car_continuous", lambda o: np.where(o[:, 1:] >= 0, 1.0, -1.0))
    assert pumped.fitness.tolist() == [1.0] * 4 and pumped.length.max() < 999
    assert measure("mountain_car_continuous", aimless("mountain_car_continuous"), 2).fitness.tolist() == [0.0] * 2


def test_acrobots_fitness_is_its_own_reward_counted_in_steps():
    def pump(observations):
        return np.where(observations[:, 5] > 0, 2, np.where(observations[:, 5] < 0, 0, 2))

    swung = measure("acrobot", pump)
    assert swung.fitness.tolist() == swung.length.tolist()
    task, env = recorder("acrobot", 1)
    observations = env.reset([3]).observations
    ended = False
    while not ended:
        step = env.step(pump(observations))
        observations, ended = step.observations, bool(step.terminated[0] | step.truncated[0])
    recorded = env.take()
    # The last step, which reaches the line, costs nothing.
    assert recorded.native.sum() == -(recorded.variables["action"].shape[0] - 1)
    assert recorded.variables["tip_height"][-1, 0] > 1.0 >= recorded.variables["tip_height"][:-1, 0].max()
    human = load_human(task.human, all_names(task))
    total, components = human({name: recorded.flat(name) for name in human.arguments})
    env.close()
    assert set(components) == {"time", "progress", "momentum"}
    np.testing.assert_allclose(total, sum(components.values()), atol=1e-12)
    assert components["progress"].sum() > 10  # from hanging, -2, to above 1


def test_lunar_lander_is_solved_by_a_soft_landing_and_not_by_a_crash():
    lander = gymnasium.make("LunarLander-v3").unwrapped  # the controller reads only whether it is continuous
    landed = measure("lunar_lander", lambda o: np.array([heuristic(lander, s) for s in o]), 6)
    assert landed.fitness.mean() >= 0.5
    # Falling straight down may end on both legs between the flags, but with a crash.
    assert measure("lunar_lander", lambda o: np.zeros(len(o), np.int64)).fitness.tolist() == [0.0] * 4


def test_bipedal_walker_counts_metres_from_the_start():
    walkers = [BipedalWalkerHeuristics() for _ in range(2)]

    def walk(observations):
        return np.stack([w.step_heuristic(o) for w, o in zip(walkers, observations, strict=True)])

    walked = measure("bipedal_walker", walk, 2)
    assert walked.fitness.max() > 20
    # A body that does nothing falls forwards over its feet.
    idle = measure("bipedal_walker", lambda o: np.zeros((len(o), 4)), 2)
    assert 2 < idle.fitness.min() <= idle.fitness.max() < 3
    assert abs(idle.variables["hull_position"][idle.step == idle.step.min()] - 14 / 3).max() < 0.3
