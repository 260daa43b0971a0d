import numpy as np


def compute_reward(pole_angle, pole_velocity, action):
    push = 2.0 * action[:, 0] - 1.0  # -1 left, +1 right
    # A push towards the side the pole falls to brings the cart back under it.
    falling_to = np.sign(pole_angle + 0.5 * pole_velocity)
    agreement = push * falling_to
    upright = np.cos(pole_angle)
    upright_bonus = (upright > 0.99).astype(np.float32)
    total = upright + 0.1 * agreement + 0.5 * upright_bonus
    return (total, {"upright": upright, "agreement": 0.1 * agreement, "bonus": 0.5 * upright_bonus})
