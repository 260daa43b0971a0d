import numpy as np


def compute_reward(forward_velocity, uprightness, action, terminated):
    forward = 1.5 * forward_velocity
    upright = 0.3 * (uprightness > 0.93)
    effort = -0.1 * np.sum(action**2, axis=-1)
    fall = -2.0 * terminated
    return forward + upright + effort + fall, {"forward": forward, "upright": upright, "effort": effort, "fall": fall}
