import math

import numpy as np

GRAVITY = 9.8
HALF_LENGTH = 0.5
DEGREES_12 = 12 * 2 * math.pi / 360


def compute_reward(pole_angle, pole_velocity, cart_position):
    # Energy of the pole relative to standing upright and still
    potential = GRAVITY * HALF_LENGTH * (np.cos(pole_angle) - 1.0)
    kinetic = 0.5 * (HALF_LENGTH**2) * pole_velocity**2
    energy_error = np.tanh(np.abs(potential + kinetic))
    inside = (np.abs(pole_angle) < DEGREES_12) & (np.abs(cart_position) < 2.4)
    balance = inside.astype(float)
    reward = balance - 0.3 * energy_error
    return reward, {"balance": balance, "energy_error": -0.3 * energy_error}
