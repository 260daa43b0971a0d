import numpy as np


def compute_reward(
    forward_velocity, vertical_velocity, torso_height, torso_angular_velocity, joint_velocities, prev_joint_velocities, action, prev_action
):
    speed = np.where(forward_velocity > 0, forward_velocity, 2 * forward_velocity)
    height = np.exp(-np.square(torso_height - 0.6) / 0.05)
    calm = np.exp(-0.1 * np.einsum("bi,bi->b", torso_angular_velocity, torso_angular_velocity) - vertical_velocity**2)
    jerk = -1e-3 * np.linalg.norm(joint_velocities - prev_joint_velocities, axis=1)
    smooth = -0.02 * np.mean((action - prev_action) ** 2, axis=1)
    parts = {"speed": speed, "height": 0.2 * height, "calm": 0.2 * calm, "jerk": jerk, "smooth": smooth}
    return sum(parts.values()), parts
