"""A fully connected network forward and backward, in blocks of rows whose activations stay in the processor's cache.

A network is a stretch of a flat parameter row: per layer its weights (in, out), row by row, then its biases. `sizes`: int64, the number of
inputs, the width of each hidden layer, the number of outputs. All arrays are float32 and contiguous.
"""

from __future__ import annotations

import numpy as np

from eureka_population.kernels.compiled import kernel

BLOCK = 128
"""Rows that go through a network at once."""

_FEW = 8
"""Rows up to which four additions at a time are faster than the call of BLAS: 1.2 against 3.7 µs for 4 rows through 64 × 64 weights."""

# tanh(x) = x P(x²) / Q(x²) up to |x| = 7.9, beyond which float32 rounds to ±1. A fit of our own, by least squares reweighted towards the
# smallest largest relative error, which is 3.1e-7.
_P1, _P2, _P3, _P4 = (np.float32(value) for value in (0.13450620, 3.5789916e-3, 2.2023237e-5, 1.5427961e-8))
_Q1, _Q2, _Q3, _Q4 = (np.float32(value) for value in (0.46783948, 2.6192237e-2, 3.4236497e-4, 8.5987756e-7))
_EDGE = np.float32(7.9)


@kernel
def _tanh(x):  # type: ignore[no-untyped-def]
    x = min(max(x, -_EDGE), _EDGE)
    q = x * x
    one = np.float32(1)
    return x * ((((_P4 * q + _P3) * q + _P2) * q + _P1) * q + one) / ((((_Q4 * q + _Q3) * q + _Q2) * q + _Q1) * q + one)


@kernel
def _multiply(values, weights, result):  # type: ignore[no-untyped-def]
    """values (R, n) times weights (n, m). How it is done depends on R alone, which is a trial's own."""
    rows, n_in = values.shape
    n_out = weights.shape[1]
    if rows > _FEW or n_out < _FEW:
        np.dot(values, weights, result)
        return
    whole = n_in - n_in % 4
    for row in range(rows):
        for j in range(n_out):
            result[row, j] = 0
        for i in range(0, whole, 4):
            a, b, c, d = values[row, i], values[row, i + 1], values[row, i + 2], values[row, i + 3]
            for j in range(n_out):
                result[row, j] += a * weights[i, j] + b * weights[i + 1, j] + c * weights[i + 2, j] + d * weights[i + 3, j]
        for i in range(whole, n_in):
            for j in range(n_out):
                result[row, j] += values[row, i] * weights[i, j]


@kernel
def width_of(sizes):  # type: ignore[no-untyped-def]
    """Numbers a row needs for the values of all its layers, the inputs apart."""
    total = 0
    for layer in range(1, len(sizes)):
        total += sizes[layer]
    return total


@kernel
def forward(parameters, sizes, relu, inputs, layers):  # type: ignore[no-untyped-def]
    """Write every layer's values, after its activation, into `layers`, one (R, width) block after the other; the last is linear.

    inputs: (R, sizes[0]). layers: at least R * width_of(sizes). Returns the outputs, a view (R, sizes[-1]).
    """
    rows = inputs.shape[0]
    at, out = 0, 0
    values = inputs
    last = len(sizes) - 2
    for layer in range(last + 1):
        n_in, n_out = sizes[layer], sizes[layer + 1]
        weights = parameters[at : at + n_in * n_out].reshape((n_in, n_out))
        at += n_in * n_out
        biases = parameters[at : at + n_out]
        at += n_out
        result = layers[out : out + rows * n_out].reshape((rows, n_out))
        out += rows * n_out
        _multiply(values, weights, result)
        for row in range(rows):
            if layer == last:
                for j in range(n_out):
                    result[row, j] += biases[j]
            elif relu:
                for j in range(n_out):
                    result[row, j] = max(result[row, j] + biases[j], np.float32(0))
            else:
                for j in range(n_out):
                    result[row, j] = _tanh(result[row, j] + biases[j])
        values = result
    return values


@kernel
def backward(parameters, sizes, relu, inputs, layers, gradient, deltas, product):  # type: ignore[no-untyped-def]
    """Add the gradient of a loss to `gradient`, the network's stretch of a gradient row.

    layers: as `forward` left them. deltas: as large; its last block holds the loss's gradient by the outputs. product: scratch for one
    layer's weights.
    """
    rows = inputs.shape[0]
    at, out = len(parameters), rows * width_of(sizes)
    for step in range(len(sizes) - 1):
        layer = len(sizes) - 2 - step
        n_in, n_out = sizes[layer], sizes[layer + 1]
        out -= rows * n_out
        delta = deltas[out : out + rows * n_out].reshape((rows, n_out))
        at -= n_out
        biases = gradient[at : at + n_out]
        for row in range(rows):
            for j in range(n_out):
                biases[j] += delta[row, j]
        at -= n_in * n_out
        before = layers[out - rows * n_in : out].reshape((rows, n_in)) if layer else inputs
        part = product[: n_in * n_out].reshape((n_in, n_out))
        np.dot(before.T, delta, part)
        weights = gradient[at : at + n_in * n_out]
        flat = product[: n_in * n_out]
        for j in range(n_in * n_out):
            weights[j] += flat[j]
        if layer:
            delta_before = deltas[out - rows * n_in : out].reshape((rows, n_in))
            np.dot(delta, parameters[at : at + n_in * n_out].reshape((n_in, n_out)).T, delta_before)
            for row in range(rows):
                if relu:
                    for j in range(n_in):
                        if before[row, j] <= 0:
                            delta_before[row, j] = 0
                else:
                    for j in range(n_in):
                        delta_before[row, j] *= np.float32(1) - before[row, j] * before[row, j]
