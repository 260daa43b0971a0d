import numpy as np

START, END = 4.67, 88.7


def compute_reward(hull_position, forward_velocity, hull_angle, hull_height):
    fraction = np.clip((hull_position - START) / (END - START), 0.0, 1.0)
    milestone = np.floor(10.0 * fraction) / 10.0
    stable = np.exp(-5.0 * hull_angle**2)
    speed = forward_velocity * stable
    crouch = -1.0 * (hull_height < 4.0)
    return speed + milestone + 0.1 * stable + crouch, dict(speed=speed, milestone=milestone, stable=0.1 * stable, crouch=crouch)
