import numpy as np


def compute_reward(cart_position, pole_angle, pole_velocity, *, terminated):
    def tolerance(margin, value_at_margin=0.1):
        scale = np.sqrt(-2 * np.log(value_at_margin))

        def measure(x):
            return np.exp(-0.5 * (np.abs(x) / margin * scale) ** 2)

        return measure

    small = lambda x: 1.0 / (1.0 + np.abs(x))
    upright = tolerance(0.2)(pole_angle)
    centered = (1 + tolerance(2.4)(cart_position)) / 2
    still = small(pole_velocity)
    penalty = -2.0 * terminated
    return upright * centered * (0.8 + 0.2 * still) + penalty, {
        "upright": upright,
        "centered": centered,
        "still": still,
        "penalty": penalty,
    }
