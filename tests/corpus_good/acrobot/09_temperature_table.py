import numpy as np

SETTINGS = dict(height=(1.0, 0.8), first=(0.25, 4.0), second=(0.1, 9.0))


def compute_reward(tip_height, first_velocity, second_velocity):
    w, t = SETTINGS["height"]
    height = w * np.exp((np.minimum(tip_height, 2.0) - 2.0) / t)
    w, t = SETTINGS["first"]
    first = w * (1 - np.exp(-np.abs(first_velocity) / t))
    w, t = SETTINGS["second"]
    second = w * (1 - np.exp(-np.abs(second_velocity) / t))
    rewards = (height, first, second)
    return np.add.reduce(rewards), dict(zip(SETTINGS, rewards))
