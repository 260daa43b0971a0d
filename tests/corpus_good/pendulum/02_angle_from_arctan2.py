import numpy as np


def wrap(angle):
    return ((angle + np.pi) % (2 * np.pi)) - np.pi


def compute_reward(angle_cosine, angle_sine, angular_velocity, action):
    angle = wrap(np.arctan2(angle_sine, angle_cosine))
    torque = action.squeeze(-1)
    angle_cost = -(angle**2) / np.pi**2
    speed_cost = -0.1 * np.clip(angular_velocity, -8.0, 8.0) ** 2 / 64.0
    torque_cost = -0.01 * torque**2
    return angle_cost + speed_cost + torque_cost, {"angle": angle_cost, "speed": speed_cost, "torque": torque_cost}
