import numpy as np

# Rows: terms, columns: features
W = np.array(
    [
        [-1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, -0.5, 0.0],
        [0.0, 0.1, 0.0, 0.1],
    ]
)
NAMES = ("first_up", "second_up", "motion")


def compute_reward(first_cosine, first_velocity, second_cosine, second_velocity):
    features = np.stack(
        (first_cosine, np.tanh(first_velocity / 4), first_cosine * second_cosine, np.tanh(second_velocity / 9)),
        axis=-1,
    )
    terms = features @ W.T
    components = {name: terms[:, i] for i, name in enumerate(NAMES)}
    return terms.sum(axis=1), components
