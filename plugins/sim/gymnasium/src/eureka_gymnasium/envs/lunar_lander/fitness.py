"""What the task is measured by."""

import numpy as np


def landed(horizontal_position, horizontal_velocity, vertical_velocity, left_leg_contact, right_leg_contact):
    """1 in a state of standing still on both legs between the flags, else 0. float64 (B,)."""
    still = np.hypot(horizontal_velocity, vertical_velocity) < 0.05
    standing = (left_leg_contact > 0) & (right_leg_contact > 0)
    return (still & standing & (np.abs(horizontal_position) < 0.2)).astype(np.float64)
