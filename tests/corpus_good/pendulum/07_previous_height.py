import numpy as np


def compute_reward(angle_cosine, prev_angle_cosine, angular_velocity, prev_angular_velocity, action, prev_action):
    # Fortschritt nach oben, sonst nichts
    climb = angle_cosine - prev_angle_cosine
    at_top = np.isclose(angle_cosine, 1.0, atol=0.035).astype(float)
    smooth = -0.01 * np.linalg.norm(action - prev_action, axis=1)
    jerk = -0.001 * np.clip(np.abs(angular_velocity - prev_angular_velocity), 0, 8)
    total = 5.0 * climb + at_top + smooth + jerk + 0.1 * angle_cosine
    return total, {"climb": 5.0 * climb, "at_top": at_top, "smooth": smooth, "jerk": jerk, "height": 0.1 * angle_cosine}
