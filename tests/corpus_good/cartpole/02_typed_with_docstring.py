import numpy as np
from typing import Dict, Tuple


def compute_reward(
    cart_position: np.ndarray,
    pole_angle: np.ndarray,
    pole_velocity: np.ndarray,
    terminated: np.ndarray,
) -> Tuple[np.ndarray, Dict[str, np.ndarray]]:
    """Reward for balancing the pole.

    The reward has three parts: being alive, the pole's angle and a penalty for falling.
    """
    alive: np.ndarray = 1.0 - terminated.astype(np.float64)
    angle_cost: np.ndarray = (pole_angle / 0.2095) ** 2
    components: Dict[str, np.ndarray] = {}
    components["alive"] = alive
    components["angle"] = -0.5 * np.clip(angle_cost, 0.0, 4.0)
    components["velocity"] = -0.05 * np.clip(pole_velocity**2, 0.0, 10.0)
    components["fall"] = np.where(terminated > 0.5, -5.0, 0.0)
    components["center"] = -0.1 * np.abs(cart_position) / 2.4
    total: np.ndarray = sum(components.values())
    return total, components
