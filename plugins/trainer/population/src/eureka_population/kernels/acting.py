"""One step of all trials at once: what their networks see, and what they do."""

from __future__ import annotations

import numpy as np

from eureka_population.kernels.actions import choose
from eureka_population.kernels.compiled import kernel
from eureka_population.kernels.network import forward


@kernel
def act(parameters, sizes, relu, choices, trials, seen, noise, greedy, actions, log_probabilities, layers):  # type: ignore[no-untyped-def]
    """Fill in `actions` (K, N, h) and `log_probabilities` (K, N) of some trials. float32 throughout.

    parameters: (K, P), each row beginning with the actor, ending with the log deviations of continuous actions. sizes: the actor's.
    trials: int64, which of the K. seen: (K, N, d), what the networks see. noise: (K, N, h), see `choose`; not read where `greedy`.
    layers: scratch.
    """
    size = 0
    for layer in range(len(sizes) - 1):
        size += (sizes[layer] + 1) * sizes[layer + 1]
    deviations = 0 if len(choices) else sizes[-1]
    for k in trials:
        row = parameters[k]
        outputs = forward(row[:size], sizes, relu, seen[k], layers)
        log_std = row[len(row) - deviations :]
        for n in range(seen.shape[1]):
            log_probabilities[k, n] = choose(choices, log_std, outputs[n], noise[k, n], greedy, actions[k, n])


@kernel
def observe(observations, places, trials, mean, variance, count, update, scale, seen):  # type: ignore[no-untyped-def]
    """Write what the networks of some trials see of `observations` into `seen` (K, N, d) float32.

    observations: float64 (J, N, d); places: int64, the block of each trial in them. update: take them into the running statistics first
    (mean, variance: float64 (K, d), count: float64 (K,); Chan, Golub, LeVeque 1979). scale: (observation − mean) / deviation, clipped
    to ±10, else the observation itself.
    """
    rows, width = observations.shape[1], observations.shape[2]
    for i in range(len(trials)):
        k = trials[i]
        batch = observations[places[i]]
        if update:
            total = count[k] + rows
            for j in range(width):
                batch_mean = 0.0
                for n in range(rows):
                    batch_mean += batch[n, j]
                batch_mean /= rows
                squares = 0.0
                for n in range(rows):
                    squares += (batch[n, j] - batch_mean) ** 2
                apart = batch_mean - mean[k, j]
                mean[k, j] += apart * rows / total
                variance[k, j] = (variance[k, j] * count[k] + squares + apart * apart * count[k] * rows / total) / total
            count[k] = total
        for n in range(rows):
            for j in range(width):
                value = batch[n, j]
                if scale:
                    value = min(max((value - mean[k, j]) / np.sqrt(variance[k, j] + 1e-8), -10.0), 10.0)
                seen[k, n, j] = value
