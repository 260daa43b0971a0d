"""Lets trained networks of one or many trials act, each exactly as it would alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eureka_population.kernels.acting import act, observe
from eureka_population.network import Floats, Network
from eureka_population.spaces import rows_of_numbers


class Statistics:
    """Running mean and variance of what K trials observed. mean, variance: float64 (K, d). count: float64 (K,)."""

    def __init__(self, trials: int, width: int) -> None:
        self.mean = np.zeros((trials, width))
        self.variance = np.ones((trials, width))
        self.count = np.full(trials, 1e-4)

    def of(self, trial: int) -> dict[str, NDArray[np.float64]]:
        """One trial's, as views."""
        rows = slice(trial, trial + 1)
        return {"mean": self.mean[rows], "variance": self.variance[rows], "count": self.count[rows]}

    def load(self, trial: int, arrays: dict[str, NDArray[np.float64]]) -> None:
        """Give one trial what `of` gave."""
        for name, view in self.of(trial).items():
            view[...] = arrays[name]


class Actors:
    """The networks of K trials. parameters: float32 (K, P), read when they act, so that they follow the training.

    scale: whether observations are scaled by `statistics`.
    """

    def __init__(self, network: Network, parameters: Floats, statistics: Statistics, scale: bool) -> None:
        self.network = network
        self.parameters = parameters
        self.statistics = statistics
        self.scale = scale
        self._sizes = np.array(network.actor, np.int64)
        self._choices = np.array(network.actions.choices, np.int64)
        self._relu = network.activation == "relu"
        self._layers = np.empty(0, np.float32)
        self._blocks: dict[int, tuple[Floats, Floats, Floats]] = {}

    def see(
        self, observations: NDArray[np.float64], places: NDArray[np.int64], trials: NDArray[np.int64], update: bool, seen: Floats
    ) -> None:
        """Write what trials see of blocks of `observations` (J, N, d) into `seen` (K, N, d). update: take them into the statistics."""
        s = self.statistics
        observe(observations, places, trials, s.mean, s.variance, s.count, update and self.scale, self.scale, seen)

    def act(self, trials: NDArray[np.int64], seen: Floats, noise: Floats, greedy: bool, actions: Floats, log_probabilities: Floats) -> None:
        """Fill in actions (K, N, h) and their log probabilities (K, N) of some trials; see `kernels.acting.act`."""
        rows = seen.shape[1] * sum(self.network.actor[1:])
        if len(self._layers) < rows:
            self._layers = np.empty(rows, np.float32)
        act(self.parameters, self._sizes, self._relu, self._choices, trials, seen, noise, greedy, actions, log_probabilities, self._layers)

    def likeliest(self, trials: NDArray[np.int64], observations: NDArray[np.generic]) -> NDArray[np.generic]:
        """Deterministic actions. observations: (J, B, *shape), a block for each of J trials. Returns (J, B) or (J, B, d)."""
        blocks, rows = observations.shape[:2]
        width = self.network.actor[0]
        if rows not in self._blocks:
            shape = (len(self.parameters), rows)
            h = self.network.actions.width
            self._blocks = {rows: (np.empty((*shape, width), np.float32), np.empty((*shape, h), np.float32), np.empty(shape, np.float32))}
        seen, actions, log_probabilities = self._blocks[rows]
        self.see(rows_of_numbers(observations, width).reshape(blocks, rows, width), np.arange(blocks), trials, False, seen)
        self.act(trials, seen, actions, True, actions, log_probabilities)
        applied = self.network.actions.applied(actions[trials].reshape(blocks * rows, -1))
        return applied.reshape(blocks, rows, *applied.shape[1:])
