import numpy as np


def compute_reward(pole_angle, prev_pole_angle, pole_velocity, prev_pole_velocity, cart_position, prev_cart_position):
    gain = 50.0
    straighter = np.clip(gain * (np.abs(prev_pole_angle) - np.abs(pole_angle)), -1.0, 1.0)
    slower = np.clip(np.abs(prev_pole_velocity) - np.abs(pole_velocity), -1.0, 1.0)
    nearer = np.clip(10.0 * (np.abs(prev_cart_position) - np.abs(cart_position)), -1.0, 1.0)
    alive = np.ones_like(pole_angle)
    total = alive + 0.5 * straighter + 0.2 * slower + 0.1 * nearer
    return total, dict(alive=alive, straighter=straighter, slower=slower, nearer=nearer)
