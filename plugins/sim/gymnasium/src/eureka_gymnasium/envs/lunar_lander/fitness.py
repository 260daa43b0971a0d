"""What the task is measured by."""

import numpy as np


def landed(horizontal_position, left_leg_contact, right_leg_contact, awake):
    """1 in a state of rest on both legs between the flags, else 0. float64 (B,).

    The simulator puts a body to sleep that has not moved for half a second; a crash ends the episode before that.
    """
    standing = (left_leg_contact > 0) & (right_leg_contact > 0)
    return (standing & (awake == 0) & (np.abs(horizontal_position) < 0.2)).astype(np.float64)
