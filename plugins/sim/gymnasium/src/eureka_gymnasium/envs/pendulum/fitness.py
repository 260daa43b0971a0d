"""What the task is measured by."""

import numpy as np


def upright(angle_cosine):
    """1 in every state within 15 degrees of upright, else 0. float64 (B,)."""
    return (angle_cosine > np.cos(np.radians(15.0))).astype(np.float64)
