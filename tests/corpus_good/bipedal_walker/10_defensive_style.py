import numpy as np


def _as_vector(x):
    x = np.asarray(x, dtype=np.float64)
    if not isinstance(x, np.ndarray):
        raise TypeError("expected an array")
    if hasattr(x, "ndim") and x.ndim > 1:
        return x.reshape(x.shape[0], -1).mean(axis=1)
    return x


def compute_reward(forward_velocity, hull_angle, action):
    forward = _as_vector(forward_velocity)
    torque = _as_vector(np.abs(action))
    lean = np.nan_to_num(_as_vector(hull_angle), nan=0.0, posinf=1.0, neginf=-1.0)
    reward = np.zeros(forward.shape, dtype=np.float64)
    np.add(reward, forward, out=reward)
    np.subtract(reward, 0.1 * np.abs(lean), out=reward)
    reward -= 0.02 * torque
    ratio = np.divide(forward, torque, out=np.zeros_like(forward), where=torque > 0.05)
    economy = 0.01 * np.clip(ratio, -1, 1)
    return reward + economy, {"base": reward, "economy": economy}
