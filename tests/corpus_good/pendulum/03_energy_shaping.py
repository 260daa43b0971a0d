import numpy as np
from math import pi, exp

GRAVITY = 10.0
MASS = 1.0
LENGTH = 1.0
TARGET_ENERGY = MASS * GRAVITY * LENGTH / 2
FLOOR = exp(-2 * pi)


def compute_reward(angle_cosine, angle_sine, angular_velocity, action):
    """Pump energy while low, hold while high."""
    kinetic = (1.0 / 6.0) * MASS * LENGTH**2 * angular_velocity**2
    potential = 0.5 * MASS * GRAVITY * LENGTH * angle_cosine
    error = np.abs(kinetic + potential - TARGET_ENERGY)
    energy = np.maximum(np.exp(-error / 3.0), FLOOR)
    is_high = angle_cosine > 0.8
    hold = np.where(is_high, np.exp(-(angle_sine**2) / 0.05 - angular_velocity**2 / 2.0), 0.0)
    push = action[..., 0]
    waste = np.where(is_high, -0.01 * push**2, 0.0)
    return energy + 2 * hold + waste, {"energy": energy, "hold": hold, "waste": waste}
