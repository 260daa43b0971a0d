"""Acrobot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka_gymnasium.classic.dynamics import square


class Acrobot:
    """See `Dynamics`. State: two angles, two angular velocities."""

    at_reset, after_step = np.float32, np.float64

    def __init__(self, env: Any) -> None:
        self.env = env
        self.torques = np.array(env.AVAIL_TORQUE, np.float64)

    def draw(self, rng: np.random.Generator) -> Array:
        return rng.uniform(-0.1, 0.1, 4).astype(np.float32).astype(np.float64)

    def observe(self, state: Array, reset: bool = False) -> NDArray[np.float32]:
        # A reset's state is float32, and its cosine another than the rounded one of a float64.
        angles = state[:2].astype(np.float32) if reset else state[:2]
        seen = np.empty((state.shape[1], 6), np.float32)
        seen[:, 0:4:2], seen[:, 1:4:2], seen[:, 4:] = np.cos(angles).T, np.sin(angles).T, state[2:].T
        return seen

    def step(self, state: Array, actions: NDArray[Any], fresh: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
        env = self.env
        after = self._runge_kutta(state, self.torques[actions])
        for i in (0, 1):
            after[i] = _wrapped(after[i])
        after[2] = np.clip(after[2], -env.MAX_VEL_1, env.MAX_VEL_1)
        after[3] = np.clip(after[3], -env.MAX_VEL_2, env.MAX_VEL_2)
        terminated = -np.cos(after[0]) - np.cos(after[1] + after[0]) > 1.0
        return after, np.where(terminated, 0.0, -1.0), terminated

    def _runge_kutta(self, state: Array, torque: Array) -> Array:
        """The state a time step later, by the fourth-order method."""
        dt = self.env.dt
        k1 = self._rates(state, torque)
        k2 = self._rates(state + dt / 2.0 * k1, torque)
        k3 = self._rates(state + dt / 2.0 * k2, torque)
        k4 = self._rates(state + dt * k3, torque)
        return np.asarray(state + dt / 6.0 * (k1 + 2 * k2 + 2 * k3 + k4))

    def _rates(self, state: Array, torque: Array) -> Array:
        """How fast each entry of the state changes; the equations of Sutton and Barto's book."""
        env, g = self.env, 9.8
        m1, m2, l1 = env.LINK_MASS_1, env.LINK_MASS_2, env.LINK_LENGTH_1
        c1, c2, moi = env.LINK_COM_POS_1, env.LINK_COM_POS_2, env.LINK_MOI
        angle1, angle2, rate1, rate2 = state
        cos2, sin2 = np.cos(angle2), np.sin(angle2)
        d1 = m1 * c1**2 + m2 * (l1**2 + c2**2 + 2 * l1 * c2 * cos2) + moi + moi
        d2 = m2 * (c2**2 + l1 * c2 * cos2) + moi
        phi2 = m2 * c2 * g * np.cos(angle1 + angle2 - np.pi / 2.0)
        phi1 = (
            -m2 * l1 * c2 * square(rate2) * sin2
            - 2 * m2 * l1 * c2 * rate2 * rate1 * sin2
            + (m1 * c1 + m2 * l1) * g * np.cos(angle1 - np.pi / 2)
            + phi2
        )
        faster2 = (torque + d2 / d1 * phi1 - m2 * l1 * c2 * square(rate1) * sin2 - phi2) / (m2 * c2**2 + moi - square(d2) / d1)
        faster1 = -(d2 * faster2 + phi1) / d1
        return np.stack((rate1, rate2, faster1, faster2))


def _wrapped(angle: Array) -> Array:
    """Into −π to π, by whole turns taken off one after another, which rounds as Gymnasium does."""
    while (over := angle > np.pi).any():
        angle = np.where(over, angle - 2 * np.pi, angle)
    while (under := angle < -np.pi).any():
        angle = np.where(under, angle + 2 * np.pi, angle)
    return angle
