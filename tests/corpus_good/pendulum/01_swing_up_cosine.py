import numpy as np


def compute_reward(angle_cosine, angular_velocity, action):
    height = (angle_cosine + 1.0) / 2.0
    still = np.exp(-np.abs(angular_velocity)) * (angle_cosine > 0.9)
    effort = -0.001 * np.sum(np.square(action), axis=-1)
    total = height + still + effort
    return total, {"height": height, "still": still, "effort": effort}
