import numpy as np


def soft_limit(value, limit, sharpness=10.0):
    """0 inside of the limit, growing linearly outside, smooth between."""
    return np.logaddexp(0.0, sharpness * (np.abs(value) - limit)) / sharpness


def compute_reward(horizontal_position, horizontal_velocity, vertical_velocity, angle, angular_velocity, height, terminated):
    limits = {"x": (horizontal_position, 0.2), "vx": (horizontal_velocity, 0.3), "vy": (vertical_velocity, 0.4)}
    limits.update({"tilt": (angle, 0.2), "spin": (angular_velocity, 0.3)})
    components = {f"limit_{key}": -np.minimum(soft_limit(*pair), 5.0) for key, pair in limits.items()}
    components["descent"] = 1.5 - np.clip(height, 0.0, 1.5)
    components["end"] = -1.0 * terminated
    total = np.zeros(len(height))
    for key in sorted(components):
        total += components[key]
    return total, components
