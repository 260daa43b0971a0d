import numpy as np


def compute_reward(angle_cosine, angular_velocity):
    conditions = [angle_cosine < -0.5, angle_cosine < 0.5, angle_cosine < 0.95]
    speed = np.minimum(np.abs(angular_velocity), 8.0)
    choices = [0.05 * speed, 0.3 + 0.02 * speed, 0.7 - 0.01 * speed]
    phase = np.select(conditions, choices, default=1.0)
    brake = np.select([angle_cosine > 0.95], [-0.1 * speed], 0.0)
    return phase + brake, {"phase": phase, "brake": brake}
