import numpy as np


def compute_reward(forward_velocity, vertical_velocity, hull_angle, hull_angular_velocity, action):
    components = {}

    def bounded(x, temperature):
        return np.exp(-np.abs(x) / temperature)

    for index, (name, value) in enumerate(
        {"lean": hull_angle, "turn": hull_angular_velocity, "bounce": vertical_velocity}.items(), start=1
    ):
        components["{}_{}".format(name, index)] = bounded(value, temperature=0.1 * index) / 10.0
    components["forward"] = 3.0 * forward_velocity
    for joint in range(action.shape[1]):
        components["torque_%d" % joint] = -0.01 * action[:, joint] ** 2
    keys = list(components.keys())
    total = components[keys[0]].copy()
    for key in keys[1:]:
        total += components[key]
    return total, components
