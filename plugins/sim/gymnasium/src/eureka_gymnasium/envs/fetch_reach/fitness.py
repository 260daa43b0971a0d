"""A variable of the task that the observation holds only as a difference."""


def gripper_offset(gripper_position, goal_position):
    """From the goal to the gripper. float64 (B, 3)."""
    return gripper_position - goal_position
