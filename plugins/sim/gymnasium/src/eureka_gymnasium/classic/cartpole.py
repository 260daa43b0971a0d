"""CartPole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array


class CartPole:
    """See `Dynamics`. State: position, velocity, angle, angular velocity."""

    at_reset = after_step = np.float64

    def __init__(self, env: Any) -> None:
        self.env = env

    def draw(self, rng: np.random.Generator) -> Array:
        return rng.uniform(-0.05, 0.05, 4)

    def observe(self, state: Array, reset: bool = False) -> NDArray[np.float32]:
        return np.array(state.T, np.float32, order="C")

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        env = self.env
        x, x_dot, theta, theta_dot = state
        force = np.where(actions == 1, env.force_mag, -env.force_mag)
        cos, sin = np.cos(theta), np.sin(theta)
        push = (force + env.polemass_length * np.square(theta_dot) * sin) / env.total_mass
        theta_acc = (env.gravity * sin - cos * push) / (env.length * (4.0 / 3.0 - env.masspole * np.square(cos) / env.total_mass))
        x_acc = push - env.polemass_length * theta_acc * cos / env.total_mass
        after = np.empty_like(state)
        after[0] = x + env.tau * x_dot
        after[1] = x_dot + env.tau * x_acc
        after[2] = theta + env.tau * theta_dot
        after[3] = theta_dot + env.tau * theta_acc
        terminated = (np.abs(after[0]) > env.x_threshold) | (np.abs(after[2]) > env.theta_threshold_radians)
        native = np.where(terminated, -1.0, 0.0) if env._sutton_barto_reward else np.ones(len(x))
        return after, native, terminated
