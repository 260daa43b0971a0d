import numpy as np


def compute_reward(pole_angle, terminated):
    """The survival indicator comes straight from the variable."""
    alive = 1 - terminated
    lean = -np.abs(pole_angle)
    return alive + lean, {"alive": alive, "lean": lean, "pole_angle": pole_angle, "terminated": terminated}
