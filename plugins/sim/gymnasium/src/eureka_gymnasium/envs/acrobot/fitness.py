"""Variables of the task that the observation holds only indirectly."""


def tip_height(first_cosine, first_sine, second_cosine, second_sine):
    """Height of the tip above the upper joint, links of length 1: -cos(a) - cos(a + b). float64 (B,)."""
    return -first_cosine - (first_cosine * second_cosine - first_sine * second_sine)
