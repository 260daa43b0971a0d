import numpy as np


def compute_reward(position, velocity, action):
    height = np.sin(3.0 * position) * 0.45 + 0.55
    goal = np.where(position >= 0.45, 100.0, 0.0)
    effort = -0.1 * np.square(action[:, 0])
    return height + goal + effort, {"height": height, "goal": goal, "effort": effort}
