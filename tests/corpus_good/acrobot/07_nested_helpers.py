import numpy as np


def compute_reward(first_cosine, first_sine, second_cosine, second_sine, first_velocity, action):
    components = {}
    total = np.zeros_like(first_cosine)

    def add(name, value, weight=1.0):
        nonlocal total
        components[name] = weight * value
        total = total + components[name]

    tip = -first_cosine - (first_cosine * second_cosine - first_sine * second_sine)
    add("tip", tip)
    add("speed", np.minimum(np.abs(first_velocity) / (4 * np.pi), 1.0), weight=0.2)
    add("idle", (action == 1).any(axis=1).astype(float), weight=-0.02)
    return total, components
