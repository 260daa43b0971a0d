import numpy as np

EPS = np.finfo(np.float64).eps


def compute_reward(angle_cosine, angle_sine, angular_velocity, action):
    norm = np.sqrt(angle_cosine**2 + angle_sine**2)
    upright = angle_cosine / np.maximum(norm, 1e-6)
    power = np.abs(action[:, 0] * angular_velocity)
    with np.errstate(divide="ignore", invalid="ignore"):
        efficiency = np.where(power > EPS, np.tanh(1.0 / np.maximum(power, 1e-3)), 1.0)
    useful = np.nan_to_num(0.1 * efficiency * (upright > 0.9), nan=0.0)
    return upright + useful, {"upright": upright, "useful": useful}
