import numpy as np


def compute_reward(cart_position, cart_velocity, pole_angle, pole_velocity):
    terms = [
        ("angle", pole_angle, 0.1, 1.0),
        ("spin", pole_velocity, 1.0, 0.3),
        ("position", cart_position, 1.0, 0.4),
        ("speed", cart_velocity, 2.0, 0.1),
    ]
    components = {}
    total = np.zeros_like(pole_angle)
    for name, value, scale, weight in terms:
        components[f"{name}_term"] = weight * np.exp(-((value / scale) ** 2))
        total += components[f"{name}_term"]
    return total, components
