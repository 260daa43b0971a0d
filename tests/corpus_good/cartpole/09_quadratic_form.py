import numpy as np

Q = np.diag([0.5, 0.05, 10.0, 0.5])
R = 0.01


def compute_reward(cart_position, cart_velocity, pole_angle, pole_velocity, action):
    state = np.stack([cart_position, cart_velocity, pole_angle, pole_velocity], axis=1)  # (B, 4)
    cost = np.einsum("bi,ij,bj->b", state, Q, state)
    control = R * np.sum(np.square(action), axis=-1)
    tracking = 1.0 / (1.0 + cost)
    return tracking - control, {"tracking": tracking, "control": -control}
