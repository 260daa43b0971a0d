import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))


def compute_reward(position, velocity, action):
    if (rows := position.shape[0]) < 1:
        raise ValueError(f"an empty batch: {rows}")
    closeness = sigmoid((position - 0.2) * 10.0)
    moving = (speed := np.abs(velocity)) / (speed + 0.01)
    cost = -0.05 * np.mean(action**2, axis=1)
    return closeness + moving + cost, {"closeness": closeness, "moving": moving, "cost": cost}
