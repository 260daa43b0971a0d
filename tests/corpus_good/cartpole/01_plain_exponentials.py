import numpy as np


def compute_reward(cart_position, cart_velocity, pole_angle, pole_velocity, action):
    upright_temperature = 0.1
    center_temperature = 1.0
    upright = np.exp(-np.abs(pole_angle) / upright_temperature)
    center = np.exp(-np.square(cart_position) / center_temperature)
    calm = np.exp(-0.5 * np.abs(pole_velocity))
    total = upright + 0.4 * center + 0.2 * calm
    return total, {"upright": upright, "center": center, "calm": calm}
