import numpy as np


def compute_reward(height, horizontal_position, vertical_velocity, angle, awake, terminated):
    ended = terminated.astype(bool)
    resting = awake < 0.5
    crash = np.where(ended & ~resting, -10.0, 0.0)
    rest = np.where(resting & (np.abs(horizontal_position) < 0.2), 10.0, 0.0)
    guidance = -0.3 * (np.abs(horizontal_position) + np.abs(height) + np.abs(angle))
    braking = -0.2 * np.square(np.clip(vertical_velocity, -3, 3)) / (0.5 + np.maximum(height, 0))
    return crash + rest + guidance + braking, {"crash": crash, "rest": rest, "guidance": guidance, "braking": braking}
