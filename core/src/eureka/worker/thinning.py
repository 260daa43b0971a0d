"""Which steps of an evaluation episode are kept: evenly spaced, and few enough that a training's file stays small."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def rows_within(shapes: Mapping[str, tuple[int, ...]], episodes_total: int, max_bytes: int = 4_000_000) -> int:
    """How many steps to keep of each episode so that all stay below `max_bytes`: 8 to 100. shapes: of one row of each variable."""
    row_bytes = 4 * sum(math.prod(shape) for shape in shapes.values()) + 12  # and episode, step, the environment's own reward
    return min(max(max_bytes // (row_bytes * max(episodes_total, 1)), 8), 100)


def thin(length: int, rows: int) -> NDArray[np.int32]:
    """At most `rows` steps of 1 to `length`, evenly spaced, the last always among them (none for `rows` 0). int32, ascending."""
    stride = max(math.ceil(length / rows), 1) if rows else length
    return np.arange(length, 0, -stride, dtype=np.int32)[::-1][: rows or 0]
