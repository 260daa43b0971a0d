import numpy as np
import numpy.typing as npt


def first_column(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if x.ndim == 1:
        return x
    return x[:, 0]


def compute_reward(pole_angle: npt.NDArray[np.float64], cart_velocity: npt.NDArray[np.float64], action: npt.NDArray[np.float64]):
    assert pole_angle.shape[0] == action.shape[0], f"batch sizes differ: {pole_angle.shape} and {action.shape}"
    push = first_column(action)
    upright = 1.0 - np.minimum(np.abs(pole_angle) / 0.2095, 1.0)
    drift = -0.05 * np.minimum(np.abs(cart_velocity), 4.0)
    # Бонус: толкать против движения тележки
    braking = 0.02 * (np.sign(cart_velocity) != np.sign(push - 0.5))
    return upright + drift + braking, {"upright": upright, "drift": drift, "braking": braking}
