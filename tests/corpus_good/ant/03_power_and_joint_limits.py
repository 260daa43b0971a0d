import numpy as np

# front left, front right, back left, back right: hip, ankle each
LOW = np.deg2rad([-30, 30, -30, -70, -30, -70, -30, 30])
HIGH = np.deg2rad([30, 70, 30, -30, 30, -30, 30, 70])
# the action begins with the back right leg
ORDER = [6, 7, 0, 1, 2, 3, 4, 5]


def compute_reward(joint_angles, joint_velocities, forward_velocity, action):
    scaled = 2.0 * (joint_angles - LOW) / (HIGH - LOW) - 1.0
    at_limit = -0.05 * np.count_nonzero(np.abs(scaled) > 0.99, axis=1).astype(float)
    power = -0.02 * np.abs(action * joint_velocities[:, ORDER]).sum(axis=1)
    forward = np.minimum(forward_velocity, 4.0)
    alive = np.full_like(forward, 0.5)
    return forward + alive + at_limit + power, {"forward": forward, "alive": alive, "at_limit": at_limit, "power": power}
