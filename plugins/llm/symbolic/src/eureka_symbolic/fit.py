"""Forward selection of a few columns that explain a target, by ridge regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eureka_symbolic.data import Array

_RIDGE = 0.02


def forward_selection(x: Array, y: Array, most: int, stop: float, allowed: NDArray[np.bool_]) -> list[tuple[int, float]]:
    """Columns of x and their coefficients; each next one correlates most with what is left of y, until below `stop`.

    x: (N, P). y: (N,). allowed: (P,). Coefficients are for the columns as given.
    """
    spread = x.std(axis=0)
    usable = allowed & (spread > 1e-9)
    if not usable.any() or y.std() <= 1e-12:
        return []
    z = (x - x.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    target = y - y.mean()
    left, chosen = target, list[int]()
    weights = np.zeros(0)
    while len(chosen) < most:
        correlation = np.where(usable, np.abs(z.T @ left), 0.0) / (len(y) * max(float(left.std()), 1e-12))
        best = int(correlation.argmax())
        if correlation[best] < stop:
            break
        chosen.append(best)
        usable[best] = False
        part = z[:, chosen]
        weights = np.linalg.solve(part.T @ part / len(y) + _RIDGE * np.eye(len(chosen)), part.T @ target / len(y))
        left = target - part @ weights
    return [(i, float(weight / spread[i])) for i, weight in zip(chosen, weights, strict=True)]
