import numpy as np
from typing import Dict, List, Tuple


def compute_reward(
    horizontal_position: np.ndarray,
    height: np.ndarray,
    left_leg_contact: np.ndarray,
    right_leg_contact: np.ndarray,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    legs: List[np.ndarray] = [left_leg_contact, right_leg_contact]
    contact = sum(leg for leg in legs) / float(len(legs))
    squares: Tuple[np.ndarray, ...] = tuple(np.square(v) for v in (horizontal_position, height))
    closeness = 1.0 / (0.1 + sum(s for s in squares))
    closeness = np.log1p(closeness)
    info: Dict[str, np.ndarray] = {"contact": contact, "closeness": closeness, "left": left_leg_contact}
    return closeness + contact, info
