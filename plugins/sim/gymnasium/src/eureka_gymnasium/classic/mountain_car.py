"""MountainCar, by three actions and by a force."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array


class MountainCar:
    """See `Dynamics`. State: position, velocity."""

    at_reset = after_step = np.float64

    def __init__(self, env: Any) -> None:
        self.env = env

    def draw(self, rng: np.random.Generator) -> Array:
        return np.array([rng.uniform(-0.6, -0.4), 0.0])

    def observe(self, state: Array, reset: bool = False) -> NDArray[np.float32]:
        return np.array(state.T, np.float32, order="C")

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        env = self.env
        position, velocity = state
        velocity = velocity + ((actions - 1) * env.force + _cosines(3 * position) * (-env.gravity))
        velocity = np.clip(velocity, -env.max_speed, env.max_speed)
        position = np.clip(position + velocity, env.min_position, env.max_position)
        velocity = np.where((position == env.min_position) & (velocity < 0), 0.0, velocity)
        terminated = (position >= env.goal_position) & (velocity >= env.goal_velocity)
        return np.stack((position, velocity)), np.full(len(position), -1.0), terminated


class MountainCarContinuous(MountainCar):
    """The same with a force. A state after a step is float32, and so is what the next step computes from it."""

    after_step = np.float32

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        force, cosines = actions[:, 0], _cosines_single(state[0], fresh)
        after, terminated = self._advance(state.astype(np.float32), force, cosines)
        if fresh.any():
            after[:, fresh], terminated[fresh] = self._advance(state[:, fresh], force[fresh], cosines[fresh])
        # The square of a float32 is exact in float64.
        native = np.where(terminated, 100.0, 0.0) - np.square(force.astype(np.float64)) * 0.1
        return after.astype(np.float64), native, terminated

    def _advance(self, state: NDArray[Any], force: NDArray[Any], cosines: Array) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """In the precision of `state`; the push is float32 in any case."""
        env, kind = self.env, state.dtype
        position, velocity = state
        velocity = velocity + (force * env.power - (0.0025 * cosines).astype(np.float32))
        velocity = np.clip(velocity, kind.type(-env.max_speed), kind.type(env.max_speed))
        position = np.clip(position + velocity, kind.type(env.min_position), kind.type(env.max_position))
        velocity = np.where((position == kind.type(env.min_position)) & (velocity < 0), kind.type(0.0), velocity)
        terminated = (position >= kind.type(env.goal_position)) & (velocity >= kind.type(env.goal_velocity))
        return np.stack((position, velocity)).astype(np.float32), terminated


def _cosines(angles: NDArray[Any]) -> Array:
    """By `math.cos`, as the environment takes them; numpy's own may end in another bit."""
    return np.fromiter(map(math.cos, angles.tolist()), np.float64, len(angles))


def _cosines_single(position: Array, fresh: NDArray[np.bool_]) -> Array:
    """Of three times the position, the product rounded to float32 where the position is one."""
    return _cosines(np.where(fresh, 3 * position, 3 * position.astype(np.float32)))
