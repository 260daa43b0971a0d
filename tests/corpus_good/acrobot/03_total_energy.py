import numpy as np

M1 = M2 = 1.0
L1, LC1, LC2 = 1.0, 0.5, 0.5
I1 = I2 = 1.0
G = 9.8


def compute_reward(first_cosine, first_sine, second_cosine, second_sine, first_velocity, second_velocity):
    d1 = M1 * LC1**2 + M2 * (L1**2 + LC2**2 + 2 * L1 * LC2 * second_cosine) + I1 + I2
    d2 = M2 * (LC2**2 + L1 * LC2 * second_cosine) + I2
    kinetic = 0.5 * d1 * first_velocity**2 + d2 * first_velocity * second_velocity + 0.5 * (M2 * LC2**2 + I2) * second_velocity**2
    both = first_cosine * second_cosine - first_sine * second_sine
    potential = -(M1 * LC1 + M2 * L1) * G * first_cosine - M2 * LC2 * G * both
    energy = np.tanh((kinetic + potential) / 40.0)
    height = (-first_cosine - both) / 2.0
    return energy + height, {"energy": energy, "height": height}
