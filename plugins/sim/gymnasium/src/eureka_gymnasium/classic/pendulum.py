"""Pendulum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka_gymnasium.classic.dynamics import square


class Pendulum:
    """See `Dynamics`. State: angle, angular velocity."""

    at_reset = after_step = np.float64

    def __init__(self, env: Any) -> None:
        self.env = env

    def draw(self, rng: np.random.Generator) -> Array:
        return np.array([rng.uniform(-np.pi, np.pi), rng.uniform(-1.0, 1.0)])

    def observe(self, state: Array, reset: bool = False) -> NDArray[np.float32]:
        seen = np.empty((state.shape[1], 3), np.float32)
        seen[:, 0], seen[:, 1], seen[:, 2] = np.cos(state[0]), np.sin(state[0]), state[1]
        return seen

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        env = self.env
        (angle, velocity), torque = state, actions[:, 0]
        upright = (angle + np.pi) % (2 * np.pi) - np.pi
        costs = square(upright) + 0.1 * square(velocity) + 0.001 * square(torque)  # the torque's term is float32
        pull, push = 3 * env.g / (2 * env.l), 3.0 / (env.m * env.l**2)
        after = np.empty_like(state)
        after[1] = np.clip(velocity + (pull * np.sin(angle) + push * torque) * env.dt, -env.max_speed, env.max_speed)
        after[0] = angle + after[1] * env.dt
        return after, -costs, np.zeros(len(angle), np.bool_)
