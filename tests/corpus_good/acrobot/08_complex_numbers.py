import numpy as np


def compute_reward(first_cosine, first_sine, second_cosine, second_sine):
    first = first_cosine + 1j * first_sine
    second = second_cosine + 1j * second_sine
    tip = -(first + first * second)
    height = np.real(tip)
    swing = 0.1 * np.abs(np.imag(tip))
    return height + swing, {"height": height, "swing": swing}
