import numpy as np


def compute_reward(contact_1, contact_2, prev_contact_1, prev_contact_2, forward_velocity, hull_angle):
    single_support = np.logical_xor(contact_1 > 0.5, contact_2 > 0.5).astype(np.float64)
    flight = (1.0 - contact_1) * (1.0 - contact_2)
    touchdown_1 = np.maximum(contact_1 - prev_contact_1, 0.0)
    touchdown_2 = np.maximum(contact_2 - prev_contact_2, 0.0)
    stepping = (touchdown_1 + touchdown_2) * (forward_velocity > 0.05)
    speed = np.clip(forward_velocity, -1.0, 1.0)
    lean = -np.square(hull_angle)
    return speed + 0.2 * single_support + 0.5 * stepping - 0.1 * flight + lean, {
        "speed": speed,
        "single_support": 0.2 * single_support,
        "stepping": 0.5 * stepping,
        "flight": -0.1 * flight,
        "lean": lean,
    }
