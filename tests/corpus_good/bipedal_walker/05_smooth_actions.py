import numpy as np


def compute_reward(action, prev_action, forward_velocity, vertical_velocity, hull_angular_velocity):
    change = action - prev_action
    smooth = -0.05 * np.sqrt(np.sum(change * change, axis=1) + 1e-8)
    saturation = -0.02 * np.mean(np.abs(action) > 0.95, axis=1)
    quiet = np.exp(-(vertical_velocity**2) / 0.25) * np.exp(-(hull_angular_velocity**2) / 0.1)
    forward = np.where(forward_velocity > 0, forward_velocity, 2.0 * forward_velocity)
    total = forward + 0.2 * quiet + smooth + saturation
    return total, {"forward": forward, "quiet": 0.2 * quiet, "smooth": smooth, "saturation": saturation}
