import numpy as np


def potential(x, y, vx, vy, angle):
    return -100.0 * np.hypot(x, y) - 100.0 * np.hypot(vx, vy) - 100.0 * np.abs(angle)


def compute_reward(
    horizontal_position, height, horizontal_velocity, vertical_velocity, angle,
    prev_horizontal_position, prev_height, prev_horizontal_velocity, prev_vertical_velocity, prev_angle,
    left_leg_contact, right_leg_contact,
):  # fmt: skip
    now = potential(horizontal_position, height, horizontal_velocity, vertical_velocity, angle)
    before = potential(prev_horizontal_position, prev_height, prev_horizontal_velocity, prev_vertical_velocity, prev_angle)
    shaping = now - before
    legs = 10.0 * (left_leg_contact + right_leg_contact) / 2
    return shaping + legs, {"shaping": shaping, "legs": legs}
