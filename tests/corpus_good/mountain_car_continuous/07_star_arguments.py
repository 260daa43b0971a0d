import numpy as np


def mix(*terms, weights=None):
    weights = weights or [1.0] * len(terms)
    return sum(w * t for w, t in zip(weights, terms))


def clipped(low, high, **named):
    return {key: np.clip(value, low, high) for key, value in named.items()}


def compute_reward(position, velocity, action):
    parts = clipped(-10, 10, hill=position + 0.5, swing=100 * velocity**2, engine=-(action**2).sum(-1))
    return mix(*parts.values(), weights=[1.0, 2.0, 0.05]), parts
