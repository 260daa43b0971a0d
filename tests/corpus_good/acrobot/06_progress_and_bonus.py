import numpy as np


def compute_reward(tip_height, prev_tip_height):
    progress = 2.0 * (tip_height - prev_tip_height)
    record = np.clip(tip_height, 0.0, 1.0) ** 2
    goal = np.where(tip_height >= 1.0, 50.0, 0.0)
    return progress + record + goal - 0.05, {"progress": progress, "record": record, "goal": goal}
