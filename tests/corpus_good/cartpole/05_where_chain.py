import numpy as np


def compute_reward(cart_position, pole_angle):
    deg = np.rad2deg(np.abs(pole_angle))
    upright = np.where(deg < 1, 1.0, np.where(deg < 3, 0.8, np.where(deg < 6, 0.4, np.where(deg < 12, 0.1, 0.0))))
    distance = np.abs(cart_position)
    centered = np.where(distance < 0.25, 0.5, np.where(distance < 1.0, 0.25, 0.0))
    edge = np.where(distance > 2.0, -1.0 * (distance - 2.0), 0.0)
    edge = np.clip(edge, -2.0, 0.0)
    return upright + centered + edge, {"upright": upright, "centered": centered, "edge": edge}
