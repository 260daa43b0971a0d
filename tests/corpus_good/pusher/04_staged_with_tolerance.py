import numpy as np


def tolerance(x, bound, margin):
    """1 up to the bound, falling smoothly to .1 a margin beyond it."""
    over = np.maximum(x - bound, 0.0) / margin
    return np.exp(np.log(0.1) * over**2)


def compute_reward(fingertip_to_object, object_to_goal, joint_angles, prev_joint_angles):
    touch = tolerance(np.linalg.norm(fingertip_to_object, axis=1), bound=0.06, margin=0.4)
    goal = tolerance(np.linalg.norm(object_to_goal, axis=1), bound=0.05, margin=0.3)
    smooth = 1.0 - 0.1 * np.clip(np.abs(joint_angles - prev_joint_angles).mean(axis=1), 0.0, 1.0)
    staged = touch * (0.3 + 0.7 * goal)
    return staged * smooth, {"touch": touch, "goal": goal, "smooth": smooth}
