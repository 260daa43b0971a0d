import numpy as np


def compute_reward(forward_velocity, hull_angle, action, terminated):
    forward = 2.0 * forward_velocity
    upright = -0.5 * np.abs(hull_angle)
    torque = -0.01 * np.sum(np.abs(action), axis=1)
    fall = -5.0 * terminated
    return forward + upright + torque + fall, {"forward": forward, "upright": upright, "torque": torque, "fall": fall}
