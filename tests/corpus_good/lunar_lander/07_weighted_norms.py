import numpy as np
import numpy.linalg as la


def compute_reward(horizontal_position, height, horizontal_velocity, vertical_velocity, angle, angular_velocity):
    position = np.array([horizontal_position, height]).T
    velocity = np.array([horizontal_velocity, vertical_velocity]).T
    attitude = np.array([angle, angular_velocity]).T
    weights = np.array([1.0, 0.5])
    terms = {}
    for name, block, temperature in zip(["position", "velocity", "attitude"], [position, velocity, attitude], [1.0, 0.7, 0.5]):
        terms[name] = np.exp(-la.norm(block * weights, axis=1) / temperature)
    product = np.prod(np.stack(list(terms.values()), axis=0), axis=0)
    terms["all_at_once"] = product
    return sum(list(terms.values())), terms
