"""What the task is measured by."""

import numpy as np


def distance(position):
    """How far the quadcopter is from the target, (0, 0, 1). m, float64 (B,)."""
    return np.linalg.norm(position - np.array([0.0, 0.0, 1.0]), axis=1)
