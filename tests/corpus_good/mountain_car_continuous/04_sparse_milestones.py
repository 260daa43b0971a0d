import numpy as np

MILESTONES = (-0.4, -0.2, 0.0, 0.2, 0.45)


def compute_reward(position, prev_position, velocity):
    crossed = np.zeros_like(position)
    for mark in MILESTONES:
        crossed = crossed + ((prev_position < mark) & (position >= mark)).astype(float)
    flag = 20.0 * (position >= MILESTONES[-1]).astype(float)
    motion = 2.0 * np.abs(velocity)
    return crossed + flag + motion, {"crossed": crossed, "flag": flag, "motion": motion}
