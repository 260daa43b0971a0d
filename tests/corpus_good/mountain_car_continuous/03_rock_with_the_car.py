import numpy as np


def compute_reward(position, velocity, action):
    force = np.clip(action.reshape(len(action)), -1, 1)
    with_motion = force * np.sign(velocity)
    speed = np.abs(velocity) / 0.07
    far_right = (position + 1.2) / 1.8
    components = {"with_motion": 0.2 * with_motion, "speed": speed, "far_right": far_right}
    return 0.2 * with_motion + speed + far_right, components
