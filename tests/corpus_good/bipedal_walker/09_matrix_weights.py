import numpy as np

WEIGHTS = np.asarray([1.0, -0.3, -0.05, -0.05])[:, None]


def compute_reward(forward_velocity, hull_angle, vertical_velocity, action):
    effort = np.mean(np.square(action), axis=-1, keepdims=True)
    features = np.concatenate(
        [forward_velocity[:, np.newaxis], np.abs(hull_angle)[:, None], np.abs(vertical_velocity).reshape(-1, 1), effort], axis=1
    )
    weighted = features * WEIGHTS.T
    total = np.matmul(features, WEIGHTS).squeeze(axis=1)
    forward, lean, bounce, torque = (column for column in weighted.T)
    return total, {"forward": forward, "lean": lean, "bounce": bounce, "torque": torque}
