import numpy as np


def compute_reward(angle_cosine, angle_sine, angular_velocity):
    reward = np.zeros(len(angle_cosine))
    top = np.zeros_like(reward)
    mask = angle_cosine > np.cos(np.deg2rad(15))
    top[mask] = 1.0
    top[mask & (np.abs(angular_velocity) < 1.0)] += 1.0
    reward += top
    reward += 0.5 * (1.0 + angle_cosine)
    reward -= 0.1 * np.abs(angle_sine) * mask
    return reward, {"top": top, "height": 0.5 * (1.0 + angle_cosine)}
