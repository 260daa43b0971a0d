import numpy as np


def angle(cosine, sine):
    return np.arctan2(sine, cosine)


def compute_reward(first_cosine, first_sine, second_cosine, second_sine):
    theta1 = angle(first_cosine, first_sine)
    theta2 = angle(second_cosine, second_sine)
    tip = -np.cos(theta1) - np.cos(theta1 + theta2)
    elbow = -np.cos(theta1)
    return tip + 0.3 * elbow, {"tip": tip, "elbow": 0.3 * elbow}
