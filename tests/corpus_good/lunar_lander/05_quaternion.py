import numpy as np


def quaternion_about_z(angle):
    """(B, 4): w, x, y, z."""
    half = 0.5 * angle
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, zero, np.sin(half)], axis=-1)


def rotate(q, v):
    w, u = q[:, :1], q[:, 1:]
    t = 2.0 * np.cross(u, v)
    return v + w * t + np.cross(u, t)


def compute_reward(angle, horizontal_velocity, vertical_velocity, height):
    q = quaternion_about_z(angle)
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), (len(angle), 3))
    body_up = rotate(q, up)
    upright = body_up[:, 1]
    velocity = np.stack([horizontal_velocity, vertical_velocity, np.zeros_like(height)], axis=-1)
    along = np.sum(velocity * body_up, axis=-1)
    descent = np.exp(-np.square(along + 0.2) / 0.5)
    return upright + descent, {"upright": upright, "descent": descent}
