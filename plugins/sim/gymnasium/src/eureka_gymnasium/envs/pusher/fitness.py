"""What the task is measured by, and variables that the observation holds only as differences."""

import numpy as np

# Metres: the radius of the disc that marks the goal.
RADIUS = 0.08


def fingertip_to_object(fingertip_position, object_position):
    """From the tip to the cylinder. float64 (B, 3)."""
    return object_position - fingertip_position


def object_to_goal(object_position, goal_position):
    """From the cylinder to the goal along the table. float64 (B, 2)."""
    return (goal_position - object_position)[:, :2]


def on_goal(object_to_goal):
    """1 in a state where the cylinder's middle is on the goal's disc, else 0. float64 (B,)."""
    return (np.linalg.norm(object_to_goal, axis=1) < RADIUS).astype(np.float64)
