"""How the kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from eureka_population.kernels import cache


def _kept() -> bool:
    """Point numba at the directory for compiled code, if there is one; else every process compiles for itself."""
    try:
        numba.config.CACHE_DIR = str(cache.directory())
    except OSError:
        return False
    return True


_KEPT = _kept()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile on first use. Divisions by zero give inf as in numpy, which is what lets loops with divisions vectorise.

    `fastmath` may reorder sums and takes no number for NaN: whether all are finite is looked at outside, by numpy.
    """
    return numba.njit(cache=_KEPT, fastmath=True, error_model="numpy")(function)
