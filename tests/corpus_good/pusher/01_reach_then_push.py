import numpy as np


def compute_reward(fingertip_to_object, object_to_goal, action):
    reach = -0.5 * np.linalg.norm(fingertip_to_object, axis=-1)
    push = -1.0 * np.linalg.norm(object_to_goal, axis=-1)
    effort = -0.01 * np.sum(np.square(action), axis=-1)
    return reach + push + effort, {"reach": reach, "push": push, "effort": effort}
