import numpy as np


def rotation(c, s):
    """(B, 2, 2) rotation matrices."""
    return np.stack([np.stack([c, -s], axis=-1), np.stack([s, c], axis=-1)], axis=-2)


UP = np.array([1.0, 0.0])


def compute_reward(angle_cosine, angle_sine, angular_velocity):
    matrices = rotation(angle_cosine, angle_sine)
    tip = matrices @ UP  # (B, 2)
    alignment = tip @ UP
    sideways = -np.abs(tip[:, 1])
    slow = 1.0 / (1.0 + np.square(angular_velocity))
    near_top = np.clip(alignment, 0, 1) ** 4
    return alignment + 0.2 * sideways + near_top * slow, {"alignment": alignment, "sideways": 0.2 * sideways, "rest": near_top * slow}
