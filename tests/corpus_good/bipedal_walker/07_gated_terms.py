import numpy as np
from math import pi

THIRD = pi / 3


def gate(condition, value, otherwise=0.0):
    return np.where(condition, value, otherwise)


def compute_reward(forward_velocity, hull_angle, knee_angle_1, knee_angle_2, contact_1, contact_2, terminated):
    safe = np.abs(hull_angle) < THIRD
    forward = gate(safe, forward_velocity, otherwise=-0.1)
    swing_1 = gate(contact_1 < 0.5, np.clip(1.0 - knee_angle_1, 0.0, 1.0))
    swing_2 = gate(contact_2 < 0.5, np.clip(1.0 - knee_angle_2, 0.0, 1.0))
    penalty = gate(terminated.astype(bool), -3.0)
    total = forward + 0.05 * (swing_1 + swing_2) + penalty
    # 返回总奖励和各个分量
    return total, {"forward": forward, "swing_1": 0.05 * swing_1, "swing_2": 0.05 * swing_2, "penalty": penalty}
