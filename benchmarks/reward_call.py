"""What the boundary costs: the same reward in its own process and in the worker, on the same batches, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from figures import Figure, figure

from eureka.worker.reward_client import RewardHost

CODE = """
import numpy as np

def compute_reward(a, b, c):
    upright = np.exp(-10.0 * a**2)
    slow = -0.1 * np.abs(b)
    return upright + slow - 0.01 * c**2, {"upright": upright, "slow": slow}
"""
CALLS = 50


def measure(rounds: int) -> dict[str, Figure]:
    """Microseconds a call at three batch sizes, and the ratio round by round."""
    host = RewardHost()
    process = host.start(CODE, "compute_reward", ("a", "b", "c"))
    namespace: dict[str, Any] = {}
    exec(CODE, namespace)

    def _in_the_worker(batch: dict[str, Any]) -> None:
        namespace["compute_reward"](**batch)

    figures: dict[str, Figure] = {}
    try:
        for size in (64, 1024, 16384):
            rng = np.random.default_rng(0)
            batch = {name: rng.standard_normal(size) for name in "abc"}
            apart, inside = [], []
            for _ in range(rounds):
                apart.append(_time(process.call, batch))
                inside.append(_time(_in_the_worker, batch))
            figures[f"own process, batch {size}"] = figure(apart, "us/call")
            figures[f"in the worker, batch {size}"] = figure(inside, "us/call")
            figures[f"ratio, batch {size}"] = figure([a / b for a, b in zip(apart, inside, strict=True)], "x")
    finally:
        process.close()
        host.close()
    return figures


def _time(call: Callable[[dict[str, Any]], object], batch: dict[str, Any]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call(batch)
    return (time.perf_counter() - started) / CALLS * 1e6
