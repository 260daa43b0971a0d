from __future__ import annotations

from typing import Callable, Dict, Optional, Tuple

import numpy as np

Array = np.ndarray
Components = Dict[str, np.ndarray]


def bell(x: Array, width: float, shift: Optional[float] = None) -> Array:
    centre = 0.0 if shift is None else shift
    return np.exp(-(((x - centre) / width) ** 2))


def compute_reward(angle_cosine: Array, angular_velocity: Array, action: Array) -> Tuple[Array, Components]:
    shapes: Callable[[Array, float], Array] = bell
    parts: Components = {
        "up": bell(angle_cosine, 0.5, shift=1.0),
        "calm": 0.2 * shapes(angular_velocity, 2.0),
        "gentle": 0.05 * bell(action[:, 0], 1.0),
    }
    total = sum(parts[k] for k in parts)
    return total, parts
