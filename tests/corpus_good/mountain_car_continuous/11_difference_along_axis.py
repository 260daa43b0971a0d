import numpy as np


def compute_reward(position, prev_position, velocity, action):
    both = np.column_stack((prev_position, position))  # (B, 2)
    step = np.diff(both, axis=1)[:, 0]
    extreme = np.max(np.abs(both + 0.52), axis=1)
    rightmost = np.amax(both, axis=1)
    engine = np.squeeze(action, axis=1)
    aligned = np.where(step * engine > 0, 0.1, -0.1)
    total = 10.0 * np.abs(step) + extreme + rightmost + aligned
    return total, {"step": 10.0 * np.abs(step), "extreme": extreme, "rightmost": rightmost, "aligned": aligned}
