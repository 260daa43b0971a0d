"""A pole on a cart, balanced by a force on the cart."""

import math

import torch

from eureka_torch import TorchEnv, box


class Cartpole(TorchEnv):
    """A cart of 1 kg on a straight track without friction, and on it, on a free joint, a uniform pole of 1 kg and 1 m.

    The action in [-1, 1], times 400 N, pushes the cart along the track, positive to the right. A step is 1/60 s. An episode begins near the
    middle with the pole nearly upright. It terminates when the cart is more than 3 m from the middle or the pole more than 90 degrees from
    upright. Angles are positive when the pole leans to the right.
    """

    observation_space = box(4)
    action_space = box(1, -1.0, 1.0)
    max_episode_steps = 500

    gravity = 9.81  # m/s²
    cart, pole = 1.0, 1.0  # kg
    half = 0.5  # m, from the joint to the pole's centre of mass
    strongest = 400.0  # N
    dt = 1.0 / 60.0  # s
    farthest, steepest = 3.0, math.pi / 2

    def reset(self, draw):
        return {
            "position": draw.uniform(-0.1, 0.1),
            "velocity": draw.uniform(-0.25, 0.25),
            "angle": draw.uniform(-0.1, 0.1),
            "turning": draw.uniform(-0.25, 0.25),
        }

    def step(self, state, actions, draw):
        """By the fourth-order method of Runge and Kutta."""
        force, dt = self.strongest * actions[:, 0], self.dt
        v, angle, w1 = state["velocity"], state["angle"], state["turning"]
        a1, b1 = self.accelerations(force, angle, w1)
        w2 = w1 + 0.5 * dt * b1
        a2, b2 = self.accelerations(force, angle + 0.5 * dt * w1, w2)
        w3 = w1 + 0.5 * dt * b2
        a3, b3 = self.accelerations(force, angle + 0.5 * dt * w2, w3)
        w4 = w1 + dt * b3
        a4, b4 = self.accelerations(force, angle + dt * w3, w4)
        return {
            "position": state["position"] + dt * v + dt * dt / 6.0 * (a1 + a2 + a3),
            "velocity": v + dt / 6.0 * (a1 + 2.0 * (a2 + a3) + a4),
            "angle": angle + dt / 6.0 * (w1 + 2.0 * (w2 + w3) + w4),
            "turning": w1 + dt / 6.0 * (b1 + 2.0 * (b2 + b3) + b4),
        }

    def accelerations(self, force, angle, turning):
        """Of cart and pole, from Newton's laws for both; m/s² and rad/s²."""
        sin, cos, mass = torch.sin(angle), torch.cos(angle), self.cart + self.pole
        push = (force + self.pole * self.half * turning * turning * sin) / mass
        turned = (self.gravity * sin - cos * push) / (self.half * (4.0 / 3.0 - self.pole * cos * cos / mass))
        return push - self.pole * self.half * turned * cos / mass, turned

    def observe(self, state):
        return torch.stack((state["position"], state["velocity"], state["angle"], state["turning"]), dim=1)

    def variables(self, state):
        return {
            "cart_position": state["position"],
            "cart_velocity": state["velocity"],
            "pole_angle": state["angle"],
            "pole_velocity": state["turning"],
        }

    def terminated(self, state):
        return (state["position"].abs() > self.farthest) | (state["angle"].abs() > self.steepest)
