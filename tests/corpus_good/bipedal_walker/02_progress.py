import numpy as np


def compute_reward(hull_position, prev_hull_position, hull_height, hull_angle, prev_hull_angle, action):
    distance = 4.0 * (hull_position - prev_hull_position)
    wobble = -np.abs(hull_angle - prev_hull_angle)
    tall = np.exp(-np.square(np.maximum(5.0 - hull_height, 0.0)))
    energy = -0.003 * np.square(action).sum(axis=-1)
    parts = {"distance": distance, "wobble": wobble, "tall": 0.1 * tall, "energy": energy}
    return np.array(list(parts.values())).sum(axis=0), parts
