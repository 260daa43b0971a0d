"""Each shipped task is solved by a controller written by hand, and not by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch_envs import TASKS, bare

from eureka.config import load_config
from eureka.tasks import list_configs
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policy
from eureka.worker.functions import load_human
from eureka.worker.recorder import all_names


def measure(name, act, episodes=8):
    task = load_config(name).task
    env = make_recorder(worker_hooks(task), task, episodes, all_names(task))
    return task, evaluate_policy(env, act, list(range(episodes)), task.fitness.fold, 1000)


def chance(name, seed=0):
    rng, size = np.random.default_rng(seed), bare(name).action_space.shape[0]
    return lambda observations: rng.uniform(-1, 1, (len(observations), size))


def balance(observations):
    x, v, angle, turning = observations.T
    return ((1.0 * x + 2.0 * v + 60.0 * angle + 12.0 * turning) / 400.0)[:, None]


def reorient(observations):
    to_goal, turning = observations[:, 4:7], observations[:, 8:11] * np.pi
    return 10.0 * to_goal - 0.7 * turning


class Hover:
    """Keeps the body level, and tilts all rotors towards the target. It keeps the thrusts in mind, which are not observed."""

    def __init__(self):
        self.env, self.thrusts = bare("torch_quadcopter"), None

    def __call__(self, observations):
        env, dt = self.env, self.env.dt
        away, q, v, w = -3.0 * observations[:, 0:3], observations[:, 3:7], 2.0 * observations[:, 7:10], math.pi * observations[:, 10:13]
        pull = np.clip(-6.0 * away - 3.5 * v, [-4, -4, -5], [4, 4, 4])
        lift = env.mass * (env.gravity + pull[:, 2])
        torque = np.array(env.inertia) * (-120.0 * q[:, :3] - 15.0 * w)
        arms = np.array(env.arms)
        wanted = lift[:, None] / 4 + (arms[:, 1] * torque[:, :1] - arms[:, 0] * torque[:, 1:2]) / 0.04
        if self.thrusts is None:
            self.thrusts = np.zeros_like(wanted)
        rates = np.clip((np.clip(wanted, 0, 2) - self.thrusts) / (dt * env.thrust_rate), -1, 1)
        self.thrusts = np.clip(self.thrusts + dt * env.thrust_rate * rates, 0, 2)
        tilt = np.stack((-pull[:, 1], pull[:, 0]), axis=1) * (env.mass / np.maximum(lift, 1.0))[:, None]
        joints = observations[:, 13:21].reshape(-1, 4, 2)
        return np.concatenate((((tilt[:, None] - joints) / (dt * env.joint_rate)).reshape(-1, 8), rates), axis=1)


@pytest.mark.parametrize(("name", "controller"), [("torch_cartpole", balance), ("torch_quadcopter", Hover()), ("torch_reorient", reorient)])
def test_it_is_solved_by_a_controller_and_not_by_chance(name, controller):
    task, solved = measure(name, controller)
    _, aimless = measure(name, chance(name))
    score = task.fitness.score
    assert score(solved.fitness.mean()) >= score(task.fitness.solved) > score(aimless.fitness.mean()), (solved.fitness, aimless.fitness)


@pytest.mark.parametrize("name", TASKS)
def test_every_variable_is_described_and_finite_and_the_human_reward_takes_them(name):
    task, seen = measure(name, chance(name), episodes=4)
    assert all(variable.meaning for variable in task.variables.values()) and task.fitness.solved is not None and task.fitness.unit
    assert all(np.isfinite(values).all() for values in seen.variables.values())
    human = load_human(task.human, all_names(task), "torch")
    total, components = human({argument: seen.variables[argument] for argument in human.arguments})
    assert np.isfinite(total).all() and components
    torch.jit.script(human.function.function)
    assert name in list_configs() and load_config(name).task.name == name


def test_reorient_counts_each_goal_once_and_tells_when_it_is_replaced():
    task = load_config("torch_reorient").task
    env = make_recorder(worker_hooks(task), task, 4, all_names(task))
    observations = env.reset([0, 1, 2, 3]).observations
    for _ in range(250):
        observations = env.step(reorient(observations)).observations
    taken = env.take()
    near = taken.variables["angle_to_goal"] < 0.1
    np.testing.assert_array_equal(taken.fitness, near)
    np.testing.assert_array_equal(taken.variables["new_goal"][1:], near[:-1])
    changed = (taken.variables["goal"][1:] != taken.variables["goal"][:-1]).any(axis=-1)
    np.testing.assert_array_equal(changed, near[:-1])
    assert near.sum() >= 4
