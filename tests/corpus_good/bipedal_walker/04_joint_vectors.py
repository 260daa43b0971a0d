import numpy as np


def compute_reward(
    hip_angle_1, hip_angle_2, knee_angle_1, knee_angle_2, hip_speed_1, hip_speed_2, knee_speed_1, knee_speed_2, forward_velocity, action
):
    speeds = np.stack([hip_speed_1, knee_speed_1, hip_speed_2, knee_speed_2], axis=1)
    power = -0.02 * np.abs(np.einsum("ij,ij->i", speeds, action))
    scissor = np.tanh(np.abs(hip_angle_1 - hip_angle_2))
    symmetry = -0.05 * np.abs(np.abs(knee_angle_1) - np.abs(knee_angle_2))
    speed = np.tanh(3.0 * forward_velocity)
    return speed + 0.1 * scissor + symmetry + power, {"speed": speed, "scissor": 0.1 * scissor, "symmetry": symmetry, "power": power}
