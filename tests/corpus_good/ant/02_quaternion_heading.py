import numpy as np


def rotate(q, v):
    """Vectors v (3,) turned by the quaternions q (B, 4)."""
    w, u = q[:, :1], q[:, 1:]
    v = np.broadcast_to(v, u.shape)
    return v + 2.0 * w * np.cross(u, v) + 2.0 * np.cross(u, np.cross(u, v))


def compute_reward(torso_orientation, forward_velocity, sideways_velocity):
    q = torso_orientation / np.maximum(np.linalg.norm(torso_orientation, axis=1, keepdims=True), 1e-8)
    heading = rotate(q, np.array([1.0, 0.0, 0.0]))[:, 0]
    up = rotate(q, np.array([0.0, 0.0, 1.0]))[:, 2]
    drift = -0.5 * np.abs(sideways_velocity)
    speed = np.tanh(forward_velocity / 3.0) * np.clip(up, 0.0, 1.0)
    return speed + 0.1 * heading + drift, {"speed": speed, "heading": 0.1 * heading, "drift": drift}
