import numpy as np


def compute_reward(object_to_goal, prev_object_to_goal, fingertip_to_object, prev_fingertip_to_object):
    now, before = (np.sqrt((x**2).sum(axis=1)) for x in (object_to_goal, prev_object_to_goal))
    near, far = (np.hypot(np.hypot(x[:, 0], x[:, 1]), x[:, 2]) for x in (fingertip_to_object, prev_fingertip_to_object))
    closer = 20.0 * (before - now)
    approach = 5.0 * (far - near) * (near > 0.1)
    bonus = np.where(now < 0.08, 2.0, 0.0)
    return closer + approach + bonus, {"closer": closer, "approach": approach, "bonus": bonus}
