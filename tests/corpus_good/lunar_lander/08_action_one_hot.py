import numpy as np

ENGINE_COST = np.array([0.0, 0.03, 0.3, 0.03])


def compute_reward(action, angle, angular_velocity, height):
    index = action[:, 0].astype(int)
    fuel = -ENGINE_COST[index]
    one_hot = np.eye(4)[index]
    turning_left, turning_right = one_hot[:, 1], one_hot[:, 3]
    lean = np.tanh(3 * angle + angular_velocity)
    correction = 0.1 * lean * (turning_right - turning_left)
    low = 1.0 / (1.0 + np.abs(height))
    return low + correction + fuel, {"low": low, "correction": correction, "fuel": fuel}
