import numpy as np


def stage(x, thresholds):
    """How many thresholds x has passed."""
    return np.digitize(x, thresholds).astype(np.float64)


def compute_reward(tip_height, first_velocity, action):
    passed = stage(tip_height, [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0])
    rate = np.abs(np.clip(first_velocity, -12.0, 12.0)) / 12.0
    cost = -0.01 * np.abs(action - 1).max(axis=-1)
    return passed + 0.1 * rate + cost, {"passed": passed, "rate": 0.1 * rate, "cost": cost}
