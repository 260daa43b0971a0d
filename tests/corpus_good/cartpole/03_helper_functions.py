import numpy as np

ANGLE_LIMIT = 0.2095
TRACK_LIMIT = 2.4


def _gaussian(x, width):
    return np.exp(-0.5 * (x / width) ** 2)


def _margin(x, limit):
    """How far x is from the limit: 1 in the middle, 0 at the limit."""
    return np.maximum(0.0, 1.0 - np.abs(x) / limit)


def compute_reward(cart_position, cart_velocity, pole_angle, pole_velocity):
    upright = _gaussian(pole_angle, ANGLE_LIMIT / 2)
    room = _margin(cart_position, TRACK_LIMIT)
    slow = _gaussian(cart_velocity, 1.5) * _gaussian(pole_velocity, 2.0)
    return upright * (0.5 + 0.5 * room) + 0.1 * slow, {"upright": upright, "room": room, "slow": slow}
