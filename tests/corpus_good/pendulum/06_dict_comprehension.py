import numpy as np

WEIGHTS = {"up": 1.0, "side": -0.2, "spin": -0.02, "torque": -0.002}


def compute_reward(angle_cosine, angle_sine, angular_velocity, action):
    raw = {
        "up": angle_cosine,
        "side": np.abs(angle_sine),
        "spin": np.clip(angular_velocity**2, None, 64.0),
        "torque": (action**2).mean(axis=1),
    }
    weighted = {name: WEIGHTS[name] * value for name, value in raw.items()}
    return np.sum(np.stack(list(weighted.values())), axis=0), weighted
