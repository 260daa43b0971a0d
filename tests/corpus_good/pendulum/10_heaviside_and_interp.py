import numpy as np


def compute_reward(angle_cosine, angle_sine, angular_velocity):
    theta = np.abs(np.arctan2(angle_sine, angle_cosine))
    near = np.interp(theta, [0.0, 0.26, 1.57, np.pi], [1.0, 0.8, 0.2, 0.0])
    slow_enough = np.heaviside(1.5 - np.abs(angular_velocity), 0.5)
    lift = np.heaviside(np.pi / 2 - theta, 0.0)
    settled = near * slow_enough * lift
    return near + settled, {"near": near, "settled": settled}
