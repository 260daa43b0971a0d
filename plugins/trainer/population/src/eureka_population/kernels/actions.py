"""Probabilities of actions: independent choices (categorical) or independent normal distributions.

`choices`: int64, the number of values of each choice; empty where actions are continuous. `outputs`: the actor's, logits of all choices one
after the other, or means. `log_std`: float32, of continuous actions; else empty. Actions are float32, a choice as its index.
"""

from __future__ import annotations

import math

import numpy as np

from eureka_population.kernels.compiled import kernel

_HALF_LOG_2PI = np.float32(0.5 * math.log(2 * math.pi))


@kernel
def log_sum_exp(logits, start, stop):  # type: ignore[no-untyped-def]
    """log Σ exp of the logits of one choice."""
    largest = logits[start]
    for j in range(start + 1, stop):
        largest = max(largest, logits[j])
    total = np.float32(0)
    for j in range(start, stop):
        total += np.exp(logits[j] - largest)
    return largest + np.log(total)


@kernel
def choose(choices, log_std, outputs, noise, greedy, action):  # type: ignore[no-untyped-def]
    """Draw one row's action, or take the likeliest. noise: uniform in [0, 1) for choices, else normal. Returns its log probability."""
    log_probability = np.float32(0)
    if len(choices) == 0:
        for j in range(len(outputs)):
            z = np.float32(0) if greedy else noise[j]
            action[j] = outputs[j] + np.exp(log_std[j]) * z
            log_probability -= np.float32(0.5) * z * z + log_std[j] + _HALF_LOG_2PI
        return log_probability
    start = 0
    for head in range(len(choices)):
        stop = start + choices[head]
        chosen = start
        if greedy:
            for j in range(start + 1, stop):
                if outputs[j] > outputs[chosen]:
                    chosen = j
            action[head] = chosen - start
            start = stop
            continue
        total = log_sum_exp(outputs, start, stop)
        left = noise[head]
        chosen = stop - 1  # what rounding leaves
        for j in range(start, stop):
            left -= np.exp(outputs[j] - total)
            if left < 0:
                chosen = j
                break
        action[head] = chosen - start
        log_probability += outputs[chosen] - total
        start = stop
    return log_probability


@kernel
def log_probability(choices, log_std, inverse_std, outputs, action, beside):  # type: ignore[no-untyped-def]
    """Of one row's action. Leaves in `outputs` and `beside` what `by_outputs` needs.

    inverse_std: exp(−log_std). For choices `outputs` becomes all log probabilities and `beside` the probabilities, else the latter becomes
    how many deviations each action is from its mean.
    """
    total = np.float32(0)
    if len(choices) == 0:
        for j in range(len(outputs)):
            z = (action[j] - outputs[j]) * inverse_std[j]
            beside[j] = z
            total -= np.float32(0.5) * z * z + log_std[j] + _HALF_LOG_2PI
        return total
    start = 0
    for head in range(len(choices)):
        stop = start + choices[head]
        largest = outputs[start]
        for j in range(start + 1, stop):
            largest = max(largest, outputs[j])
        summed = np.float32(0)
        for j in range(start, stop):
            beside[j] = np.exp(outputs[j] - largest)
            summed += beside[j]
        normaliser = largest + np.log(summed)
        for j in range(start, stop):
            outputs[j] -= normaliser
            beside[j] /= summed
        total += outputs[start + int(action[head])]
        start = stop
    return total


@kernel
def by_outputs(choices, inverse_std, outputs, action, by_log_probability, by_entropy, beside, by_log_std):  # type: ignore[no-untyped-def]
    """Turn `beside` into the loss's gradient by one row's outputs, and add that by the log deviations to `by_log_std`.

    outputs, beside: as `log_probability` left them. by_log_probability, by_entropy: the loss's gradient by the row's log probability and by
    its entropy.
    """
    if len(choices) == 0:
        for j in range(len(outputs)):
            z = beside[j]
            beside[j] = by_log_probability * z * inverse_std[j]
            by_log_std[j] += by_log_probability * (z * z - np.float32(1)) + by_entropy
        return
    start = 0
    for head in range(len(choices)):
        stop = start + choices[head]
        entropy = np.float32(0)
        for j in range(start, stop):
            entropy -= beside[j] * outputs[j]
        for j in range(start, stop):
            beside[j] *= -by_log_probability - by_entropy * (outputs[j] + entropy)
        beside[start + int(action[head])] += by_log_probability
        start = stop
