import numpy as np


def compute_reward(horizontal_position, height, vertical_velocity, angle, left_leg_contact, right_leg_contact, awake):
    over_pad = np.abs(horizontal_position) <= 0.2
    upright = np.abs(angle) < 0.2
    soft = np.abs(vertical_velocity) < 0.3
    on_ground = (left_leg_contact > 0.5) & (right_leg_contact > 0.5)
    good = over_pad & upright & soft
    reward = good.astype(float)
    reward[on_ground & over_pad] += 2.0
    reward[on_ground & over_pad & ~(awake > 0.5)] += 10.0
    reward[~over_pad] -= np.minimum(np.abs(horizontal_position[~over_pad]), 1.0)
    low = -0.2 * np.clip(height, 0, 2)
    return reward + low, {"events": reward, "low": low}
