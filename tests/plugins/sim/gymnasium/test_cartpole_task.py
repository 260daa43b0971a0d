from __future__ import annotations

from importlib.resources import files

import numpy as np
from ruamel.yaml import YAML

from eureka.types import Task

PACKAGE = files("eureka_gymnasium")


def load(name: str) -> dict:
    return YAML(typ="safe").load((PACKAGE / name).read_text(encoding="utf-8"))


def test_the_cartpole_task_is_a_valid_task_with_its_five_described_variables():
    task = Task.model_validate(load("envs/cartpole/task.yaml"))
    assert list(task.variables) == ["cart_position", "cart_velocity", "pole_angle", "pole_velocity", "action"]
    assert all(variable.meaning for variable in task.variables.values())
    assert (task.fitness.value, task.fitness.fold, task.fitness.solved) == ("length", "last", 475)
    assert task.human == "native" and not task.terminated_is_success


def test_the_cartpole_task_reads_the_four_observations(make):
    task = Task.model_validate(load("envs/cartpole/task.yaml"))
    sources = {name: variable.source for name, variable in task.variables.items() if variable.source != "action"}
    env = make(task.sim.options["env"], 3, sources, task=task)
    assert env.max_episode_steps == 500
    reset = env.reset([0, 1, 2])
    np.testing.assert_array_equal(np.stack(list(reset.values.values()), axis=1), reset.observations.astype(np.float64))


def test_the_cartpole_config_names_the_task():
    assert load("configs/cartpole.yaml")["task"] == "cartpole"
