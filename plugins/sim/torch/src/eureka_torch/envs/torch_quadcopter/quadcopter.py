"""A quadcopter whose rotors tilt."""

import math

import torch

from eureka_torch import TorchEnv, box, rigid_body, rotations


class Quadcopter(TorchEnv):
    """A rigid body of 0.5 kg that flies by four rotors at (±0.1, ±0.1, 0) m; its target is the point (0, 0, 1), z pointing up.

    Each rotor pushes along its own axis with 0 to 2 N; hovering takes 1.23 N of each. An axis tilts on two joints, by up to 0.5 rad each:
    about the body's x axis and about its y axis. With both at 0 it points along the body's z axis. The rotors do not twist the body by
    spinning.

    Actions are 12 numbers in [-1, 1], rates: the first 8 times 8 pi rad/s move the joints (rotor 0 about x, rotor 0 about y, rotor 1
    about x, ...), the last 4 times 200 N/s change the thrusts; both stop at their limits. A step is 0.01 s, an episode 500 steps. It begins
    with x and y within 1.5 m of 0 and z at 0.8 to 2.5 m, level and at rest, the joints within 0.2 rad of 0 and the rotors off. It
    terminates when the body is more than 8 m from the target or below 0.5 m.
    """

    observation_space = box(21)
    action_space = box(12, -1.0, 1.0)
    max_episode_steps = 500

    gravity, mass = 9.81, 0.5  # m/s², kg
    inertia = (0.004, 0.004, 0.007)  # kg m²
    arms = ((0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (0.1, -0.1))  # m
    strongest, steepest = 2.0, 0.5  # N, rad
    thrust_rate, joint_rate = 200.0, 8.0 * math.pi  # a second
    target = (0.0, 0.0, 1.0)
    dt = 0.01

    def reset(self, draw):
        place = torch.stack((draw.uniform(-1.5, 1.5), draw.uniform(-1.5, 1.5), draw.uniform(0.8, 2.5)), dim=1)
        still = torch.zeros_like(place)
        level = torch.cat((still, torch.ones_like(still[:, :1])), dim=1)
        joints = draw.uniform(-0.2, 0.2, size=8)
        thrusts = torch.zeros_like(joints[:, :4])
        return {"position": place, "orientation": level, "velocity": still, "turning": still, "joints": joints, "thrusts": thrusts}

    def step(self, state, actions, draw):
        dt = self.dt
        joints = torch.clamp(state["joints"] + dt * self.joint_rate * actions[:, :8], -self.steepest, self.steepest)
        thrusts = torch.clamp(state["thrusts"] + dt * self.thrust_rate * actions[:, 8:], 0.0, self.strongest)
        push, torque = self.push_and_torque(joints, thrusts)
        force = rotations.rotated(state["orientation"], push)
        down = force.new_tensor((0.0, 0.0, -self.gravity))
        velocity = state["velocity"] + dt * (force / self.mass + down)
        inertia = force.new_tensor(self.inertia)
        orientation, turning = rigid_body.turned(state["orientation"], state["turning"], torque, inertia, dt)
        moved = {"position": state["position"] + 0.5 * dt * (state["velocity"] + velocity), "velocity": velocity}
        return moved | {"orientation": orientation, "turning": turning, "joints": joints, "thrusts": thrusts}

    def push_and_torque(self, joints, thrusts):
        """Force (N, 3) and torque (N, 3) of all rotors, in the body's axes."""
        about_x, about_y = joints[:, 0::2], joints[:, 1::2]
        x = thrusts * torch.sin(about_y)
        y = -thrusts * torch.sin(about_x) * torch.cos(about_y)
        z = thrusts * torch.cos(about_x) * torch.cos(about_y)
        at_x, at_y = thrusts.new_tensor(self.arms).unbind(dim=1)
        push = torch.stack((x.sum(dim=1), y.sum(dim=1), z.sum(dim=1)), dim=1)
        return push, torch.stack(((at_y * z).sum(dim=1), (-at_x * z).sum(dim=1), (at_x * y - at_y * x).sum(dim=1)), dim=1)

    def observe(self, state):
        to_target = state["position"].new_tensor(self.target) - state["position"]
        parts = (to_target / 3.0, state["orientation"], state["velocity"] / 2.0, state["turning"] / math.pi, state["joints"])
        return torch.cat(parts, dim=1)

    def variables(self, state):
        up = torch.zeros_like(state["position"])
        up[:, 2] = 1.0
        return {
            "position": state["position"],
            "orientation": state["orientation"],
            "body_up": rotations.rotated(state["orientation"], up),
            "velocity": state["velocity"],
            "angular_velocity": state["turning"],
            "joint_angles": state["joints"],
            "thrusts": state["thrusts"],
        }

    def terminated(self, state):
        away = state["position"] - state["position"].new_tensor(self.target)
        return (torch.sqrt((away * away).sum(dim=1)) > 8.0) | (state["position"][:, 2] < 0.5)
