import numpy as np


def compute_reward(hip_speed_1, hip_speed_2, knee_speed_1, knee_speed_2, forward_velocity, hull_height):
    joints = np.abs(np.stack([hip_speed_1, hip_speed_2, knee_speed_1, knee_speed_2], axis=1))
    typical = np.median(joints, axis=1)
    spread = np.percentile(joints, 75, axis=1) - np.percentile(joints, 25, axis=1)
    quantile = np.nanmedian(joints, axis=1)
    worst = joints[np.arange(len(joints)), np.argmax(joints, axis=1)]
    moving = np.tanh(typical + quantile)
    even = -0.1 * np.minimum(spread + 0.1 * worst, 5.0)
    tall = np.where(hull_height >= 4.5, 0.1, -0.1)
    return forward_velocity + 0.2 * moving + even + tall, {
        "forward": forward_velocity,
        "moving": 0.2 * moving,
        "even": even,
        "tall": tall,
    }
