import numpy as np

USE_ENERGY = True
SCALE = float(np.sqrt(2.0))


def compute_reward(position, velocity, action) -> "tuple[np.ndarray, dict[str, np.ndarray]]":
    if USE_ENERGY:
        main = velocity**2 * 100.0 / SCALE
    else:
        main = np.abs(velocity)
    bonus = np.where(np.logical_and(position > 0.4, velocity > 0), 1.0, 0.0)
    try:
        effort = -0.02 * np.abs(action[:, 0])
    except IndexError:
        effort = -0.02 * np.abs(action)
    return main + bonus + effort, {"main": main, "bonus": bonus, "effort": effort}
