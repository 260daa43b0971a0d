import numpy as np


def compute_reward(
    forward_velocity,
    hull_angle,
    hip_speed_1,
    hip_speed_2,
    knee_speed_1,
    knee_speed_2,
    contact_1,
    contact_2,
):
    scale, rounds = 1.0, 0
    while rounds < 3:
        scale *= 0.5
        rounds += 1
    legs = ((hip_speed_1, knee_speed_1, contact_1), (hip_speed_2, knee_speed_2, contact_2))
    swinging = np.zeros_like(forward_velocity)
    for hip, knee, contact in legs:
        swinging = swinging + np.where(contact > 0, 0.0, np.clip(hip, -1, 1) - 0.1 * np.clip(knee, -1, 1))
    forward = forward_velocity if forward_velocity.ndim == 1 else forward_velocity[:, 0]
    balanced = np.maximum.reduce([np.zeros_like(hull_angle), 1.0 - np.abs(hull_angle)])
    return forward + scale * swinging + 0.1 * balanced, {"forward": forward, "swinging": scale * swinging, "balanced": 0.1 * balanced}
