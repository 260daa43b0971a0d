import numpy as np


def compute_reward(tip_height, second_velocity, action):
    torque = action[:, 0] - 1.0
    pumping = 0.05 * torque * np.sign(second_velocity)
    line = np.exp(-np.maximum(1.0 - tip_height, 0.0))
    time_cost = np.full(tip_height.shape, -0.1)
    total = line + pumping + time_cost
    return total, {"line": line, "pumping": pumping, "time": time_cost}
