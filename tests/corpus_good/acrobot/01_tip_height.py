import numpy as np


def compute_reward(tip_height, first_velocity, second_velocity):
    height = (tip_height + 2.0) / 4.0
    success = 10.0 * (tip_height > 1.0)
    spin = -0.001 * (np.abs(first_velocity) + np.abs(second_velocity))
    return height + success + spin, {"height": height, "success": success, "spin": spin}
