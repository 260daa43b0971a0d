import numpy as np


def compute_reward(height, vertical_velocity, horizontal_position, horizontal_velocity, angle, awake):
    target = np.piecewise(height, [height > 1.0, (height <= 1.0) & (height > 0.2), height <= 0.2], [-0.6, -0.3, -0.08])
    tracking = 1.0 - np.minimum(np.abs(vertical_velocity - target), 1.0)
    steering = -np.clip(np.sign(horizontal_position) * horizontal_velocity, -1.0, 1.0)
    lateral = np.exp(-3.0 * np.abs(horizontal_position))
    level = np.power(np.cos(np.clip(angle, -np.pi / 2, np.pi / 2)), 3)
    asleep = 3.0 * np.logical_not(awake)
    total = np.sum([tracking, 0.2 * steering, lateral, level, asleep], axis=0)
    return total, {"tracking": tracking, "steering": 0.2 * steering, "lateral": lateral, "level": level, "asleep": asleep}
