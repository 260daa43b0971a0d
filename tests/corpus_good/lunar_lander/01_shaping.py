import numpy as np


def compute_reward(horizontal_position, height, horizontal_velocity, vertical_velocity, angle, left_leg_contact, right_leg_contact):
    distance = -np.sqrt(horizontal_position**2 + height**2)
    speed = -np.sqrt(horizontal_velocity**2 + vertical_velocity**2)
    tilt = -np.abs(angle)
    legs = 0.1 * (left_leg_contact + right_leg_contact)
    return distance + speed + tilt + legs, {"distance": distance, "speed": speed, "tilt": tilt, "legs": legs}
