import numpy as np


def compute_reward(fingertip_position, object_position, goal_position, joint_velocities):
    to_goal = (goal_position - object_position)[:, :2]
    distance = np.linalg.norm(to_goal, axis=1, keepdims=True)
    direction = to_goal / np.maximum(distance, 1e-6)
    behind = object_position[:, :2] - 0.08 * direction
    place = np.exp(-8.0 * np.linalg.norm(fingertip_position[:, :2] - behind, axis=1))
    low = -np.abs(fingertip_position[:, 2] - object_position[:, 2])
    alignment = np.sum((object_position - fingertip_position)[:, :2] * direction, axis=1)
    still = -0.001 * np.abs(joint_velocities).max(axis=1)
    done = 1.0 / (1.0 + 10.0 * distance[:, 0])
    total = place + 0.5 * low + 0.2 * np.tanh(alignment) + done + still
    return total, {"place": place, "low": 0.5 * low, "alignment": 0.2 * np.tanh(alignment), "done": done, "still": still}
