"""From a rollout's rewards to what an update learns from."""

from __future__ import annotations

import numpy as np

from eureka_population.kernels.compiled import kernel
from eureka_population.kernels.network import BLOCK, forward, width_of


@kernel
def values(parameters, sizes, relu, seen, out):  # type: ignore[no-untyped-def]
    """What the critic expects of every row of `seen` (R, d). parameters: the critic's stretch. out: float32 (R,)."""
    layers = np.empty(BLOCK * width_of(sizes), np.float32)
    for start in range(0, len(seen), BLOCK):
        stop = min(start + BLOCK, len(seen))
        block = forward(parameters, sizes, relu, seen[start:stop], layers)
        for row in range(stop - start):
            out[start + row] = block[row, 0]


@kernel
def advantages(rewards, expected, ends, gamma, gae_lambda, out):  # type: ignore[no-untyped-def]
    """Generalised advantage estimates (Schulman et al. 2016, eq. 16), float32 (T, N).

    rewards: (T, N), those of truncated steps with γ·V(final state) in them. expected: (T + 1, N), the critic's. ends: bool (T, N).
    """
    steps, rows = rewards.shape
    for n in range(rows):
        running = np.float32(0)
        for step in range(steps):
            t = steps - 1 - step
            goes_on = np.float32(0) if ends[t, n] else np.float32(1)
            error = rewards[t, n] + gamma * expected[t + 1, n] * goes_on - expected[t, n]
            running = error + gamma * gae_lambda * goes_on * running
            out[t, n] = running


@kernel
def scale_rewards(rewards, ends, gamma, returns, statistics):  # type: ignore[no-untyped-def]
    """Divide by the running deviation of the discounted return and clip to ±10, in place, each step with the statistics up to it.

    rewards: float64 (T, N). returns: float64 (N,), of the episodes going on. statistics: float64 (3,), mean, variance and count.
    Engstrom et al. 2020, algorithm 1, with the return reset at episode ends as stable-baselines3's `VecNormalize` does.
    """
    steps, rows = rewards.shape
    for t in range(steps):
        batch_mean = 0.0
        for n in range(rows):
            returns[n] = returns[n] * gamma + rewards[t, n]
            batch_mean += returns[n]
        batch_mean /= rows
        squares = 0.0
        for n in range(rows):
            squares += (returns[n] - batch_mean) ** 2
        mean, variance, count = statistics[0], statistics[1], statistics[2]
        apart, total = batch_mean - mean, count + rows
        statistics[0] = mean + apart * rows / total
        statistics[1] = (variance * count + squares + apart * apart * count * rows / total) / total
        statistics[2] = total
        deviation = np.sqrt(statistics[1] + 1e-8)
        for n in range(rows):
            rewards[t, n] = min(max(rewards[t, n] / deviation, -10.0), 10.0)
            if ends[t, n]:
                returns[n] = 0.0
