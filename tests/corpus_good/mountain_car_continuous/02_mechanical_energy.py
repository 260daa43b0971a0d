import numpy as np


def potential(position):
    return 0.0025 / 3 * np.sin(3 * position)


def kinetic(velocity):
    return 0.5 * velocity**2


def compute_reward(position, velocity, prev_position, prev_velocity, action):
    now = potential(position) + kinetic(velocity)
    before = potential(prev_position) + kinetic(prev_velocity)
    gained = 1000.0 * (now - before)
    reached = 10.0 * (position > 0.45)
    fuel = -0.01 * np.linalg.norm(action, axis=-1)
    return gained + reached + fuel, {"gained": gained, "reached": reached, "fuel": fuel}
