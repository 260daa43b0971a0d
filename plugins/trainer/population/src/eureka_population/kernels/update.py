"""PPO's update of one trial: all epochs and minibatches, from the forward pass to Adam, in one call."""

from __future__ import annotations

import numpy as np

from eureka_population.kernels.actions import by_outputs, log_probability
from eureka_population.kernels.compiled import kernel
from eureka_population.kernels.network import BLOCK, backward, forward, width_of

_BETA1, _BETA2, _EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-5)
# Rounded each for itself: 1 − float32(0.999) is off by 1.3e-5 of itself.
_NEW1, _NEW2 = np.float32(1 - 0.9), np.float32(1 - 0.999)


@kernel
def gradient(parameters, actor, critic, relu, choices, rollout, picked, settings, out):  # type: ignore[no-untyped-def]
    """The loss's gradient on one minibatch, into `out` (P,). Returns the estimate of the KL divergence from the policy that acted.

    rollout: seen (M, d), actions (M, h), log probabilities, advantages, returns and expected values, (M,) each. picked: int64, the rows of
    the minibatch. settings: see `update`. Loss: Schulman et al. 2017, eq. 9; divergence: Schulman 2020, estimator k3.
    """
    seen, actions, old_log_probabilities, advantages, returns, expected = rollout
    clip_range, clip_range_vf, normalize, ent_coef, vf_coef = settings
    count = len(picked)
    rows = min(BLOCK, count)
    actor_width, critic_width = width_of(actor), width_of(critic)
    widest = max(actor_width, critic_width)
    inputs = np.empty((rows, seen.shape[1]), np.float32)
    layers, deltas = np.empty(rows * widest, np.float32), np.empty(rows * widest, np.float32)
    largest = 0
    for sizes in (actor, critic):
        for layer in range(len(sizes) - 1):
            largest = max(largest, sizes[layer] * sizes[layer + 1])
    product = np.empty(largest, np.float32)
    actor_size, critic_size = 0, 0
    for layer in range(len(actor) - 1):
        actor_size += (actor[layer] + 1) * actor[layer + 1]
    for layer in range(len(critic) - 1):
        critic_size += (critic[layer] + 1) * critic[layer + 1]
    log_std = parameters[actor_size + critic_size :]
    by_log_std = out[actor_size + critic_size :]
    inverse_std = np.exp(-log_std)

    out[:] = 0
    mean, scale = np.float32(0), np.float32(1)
    if normalize and count > 1:
        total = 0.0
        for i in range(count):
            total += advantages[picked[i]]
        mean = np.float32(total / count)
        squares = 0.0
        for i in range(count):
            squares += (advantages[picked[i]] - mean) ** 2
        scale = np.float32(1 / (np.sqrt(squares / (count - 1)) + 1e-8))
    share = np.float32(1 / count)
    divergence = 0.0
    for start in range(0, count, rows):
        size = min(rows, count - start)
        block = inputs[:size]
        for row in range(size):
            for j in range(seen.shape[1]):
                block[row, j] = seen[picked[start + row], j]
        outputs = forward(parameters[:actor_size], actor, relu, block, layers)
        last = size * (actor_width - actor[-1])
        delta = deltas[last : last + size * actor[-1]].reshape((size, actor[-1]))
        for row in range(size):
            i = picked[start + row]
            advantage = (advantages[i] - mean) * scale
            log_ratio = log_probability(choices, log_std, inverse_std, outputs[row], actions[i], delta[row]) - old_log_probabilities[i]
            ratio = np.exp(log_ratio)
            divergence += (ratio - np.float32(1)) - log_ratio
            inside = ratio <= 1 + clip_range if advantage > 0 else ratio >= 1 - clip_range
            by_log_probability = -advantage * ratio * share if inside else np.float32(0)
            by_outputs(choices, inverse_std, outputs[row], actions[i], by_log_probability, -ent_coef * share, delta[row], by_log_std)
        backward(parameters[:actor_size], actor, relu, block, layers, out[:actor_size], deltas, product)

        outputs = forward(parameters[actor_size : actor_size + critic_size], critic, relu, block, layers)
        last = size * (critic_width - 1)
        for row in range(size):
            i = picked[start + row]
            value = outputs[row, 0]
            error = value - returns[i]
            if clip_range_vf > 0 and abs(value - expected[i]) > clip_range_vf:
                error = np.float32(0)
            deltas[last + row] = np.float32(2) * vf_coef * share * error
        stretch = slice(actor_size, actor_size + critic_size)
        backward(parameters[stretch], critic, relu, block, layers, out[stretch], deltas, product)
    return divergence / count


@kernel
def adam(parameters, moments, step, slope, learning_rate, max_grad_norm):  # type: ignore[no-untyped-def]
    """One step of Adam (Kingma & Ba 2015, algorithm 1; ε 1e-5 as in stable-baselines3) down `slope`, clipped to a norm, in place.

    moments: float32 (2, P). step: which it is, from 1.
    """
    squares = 0.0
    for j in range(len(slope)):
        squares += slope[j] * slope[j]
    shrink = np.float32(min(1.0, max_grad_norm / (np.sqrt(squares) + 1e-6)))
    rate = np.float32(learning_rate / (1 - 0.9**step))
    correction = np.float32(1 / np.sqrt(1 - 0.999**step))
    first, second = moments[0], moments[1]
    for j in range(len(slope)):
        g = slope[j] * shrink
        first[j] = _BETA1 * first[j] + _NEW1 * g
        second[j] = _BETA2 * second[j] + _NEW2 * g * g
        parameters[j] -= rate * first[j] / (np.sqrt(second[j]) * correction + _EPSILON)


@kernel
def update(  # type: ignore[no-untyped-def]
    parameters, moments, step, actor, critic, relu, choices, rollout, order, batch_size, settings, learning_rate, max_grad_norm, target_kl
):
    """Update `parameters` (P,) and `moments` (2, P) in place; returns the number of steps Adam has made.

    order: int64 (epochs, M), the rows in the order that each epoch takes them in. settings: clip_range, clip_range_vf (0: unclipped),
    normalize_advantage, ent_coef, vf_coef. target_kl: 0 for none.
    """
    slope = np.empty(len(parameters), np.float32)
    for epoch in range(len(order)):
        for start in range(0, order.shape[1], batch_size):
            picked = order[epoch, start : start + batch_size]
            divergence = gradient(parameters, actor, critic, relu, choices, rollout, picked, settings, slope)
            if target_kl > 0 and divergence > 1.5 * target_kl:
                return step
            step += 1
            adam(parameters, moments, step, slope, learning_rate, max_grad_norm)
    return step
