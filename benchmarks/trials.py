"""The tasks that are trained, and cohorts of candidates for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eureka.config import load_mapping
from eureka.types import Task, Trial

_RETURN = {"fitness": {"value": "native", "fold": "sum", "goal": "maximize"}, "human": "native"}
_RUNNER = {
    "description": "Run forwards.",
    "variables": {
        "forward_velocity": {"from": "info.x_velocity", "meaning": "speed to the right", "unit": "m/s"},
        "action": {"from": "action", "meaning": "torques on the joints"},
    },
    **_RETURN,
}
# Shipped tasks by name; for the others, which are none, what such a task would say.
TASKS: dict[str, str | dict[str, Any]] = {
    "cartpole": "cartpole",
    "acrobot": "acrobot",
    "pendulum": "pendulum",
    "mountain_car_continuous": "mountain_car_continuous",
    "lunar_lander": "lunar_lander",
    "half_cheetah": {"name": "half_cheetah", "sim": {"use": "gymnasium", "env": "HalfCheetah-v5"}, **_RUNNER},
    "ant": {"name": "ant", "sim": {"use": "gymnasium", "env": "Ant-v5"}, **_RUNNER},
}
_PROGRAM = """
import numpy as np

def compute_reward({first}, {second}):
    first, second = np.tanh({first}), -0.01 * np.square({second}){sum}
    return first + second, {{"first": first, "second": second}}
"""
_TAKES = {
    "cartpole": ("cart_velocity", "pole_angle"),
    "acrobot": ("tip_height", "first_velocity"),
    "pendulum": ("angle_cosine", "angular_velocity"),
    "mountain_car_continuous": ("position", "velocity"),
    "lunar_lander": ("height", "vertical_velocity"),
    "half_cheetah": ("forward_velocity", "action"),
    "ant": ("forward_velocity", "action"),
}


def task_named(name: str) -> Task:
    """A task of `TASKS`, its files resolved."""
    return load_mapping({"task": TASKS[name]}, name, Path.cwd(), only=set()).task


def candidates(task: str, count: int) -> list[Trial]:
    """So many candidates with a program of two components, each computed in a reward process of its own, on seeds 0, 1, 2, …"""
    first, second = _TAKES[task]
    code = _PROGRAM.format(first=first, second=second, sum=".sum(axis=1)" if second == "action" else "")
    return [Trial(id=f"t{k}", reward="candidate", code=code, seed=k, dir=f"t{k}") for k in range(count)]


def natives(count: int) -> list[Trial]:
    """So many trials of the environment's own reward, on seeds 0, 1, 2, …"""
    return [Trial(id=f"t{k}", reward="human", seed=k, dir=f"t{k}") for k in range(count)]
