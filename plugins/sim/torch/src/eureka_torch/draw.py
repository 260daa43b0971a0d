"""Random numbers that depend on a row's seed and on the place in its episode alone: counters, hashed, as tensors.

A number is the output of the generator SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure
13 with the constants of Java's `SplittableRandom`), and where that generator begins is the output of another: seed → episode → step →
number. So nothing is kept but counters, neighbours share nothing, and integers wrap alike on every device.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

_GAMMA = 0x9E3779B97F4A7C15 - 2**64  # as int64, which wraps as uint64 does
_MIX_1, _MIX_2 = 0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64


class Draw:
    """The random numbers of one step of N rows; each call gives further ones.

    seeds, episodes, steps: int64 (N,) on one device: of each row its seed, which episode it is in and which step of it; 0 is the reset.
    """

    def __init__(self, seeds: torch.Tensor, episodes: torch.Tensor, steps: torch.Tensor) -> None:
        self._places = (seeds, episodes, steps)
        self._key: torch.Tensor | None = None
        self._drawn = 0

    @property
    def num_rows(self) -> int:
        """N."""
        return len(self._places[0])

    @property
    def device(self) -> torch.device:
        """Where the numbers are, and with them the environment's tensors."""
        return self._places[0].device

    def uniform(self, low: float = 0.0, high: float = 1.0, size: int | None = None) -> torch.Tensor:
        """float32 (N,), or (N, size). Multiples of 2⁻²⁴ before they are scaled: the same numbers on every device."""
        return low + (high - low) * ((self._bits(size) >> 40) & 0xFFFFFF).to(torch.float32) * 2.0**-24

    def normal(self, mean: float = 0.0, deviation: float = 1.0, size: int | None = None) -> torch.Tensor:
        """float32 (N,), or (N, size), by Box and Muller's method.

        Computed in float64 and then rounded, since logarithms and cosines differ in their last bit from device to device.
        """
        first, second = (((self._bits(size) >> 11) & (2**53 - 1)).to(torch.float64) for _ in range(2))
        radius = torch.sqrt(-2.0 * torch.log((first + 1.0) * 2.0**-53))
        return (mean + deviation * radius * torch.cos(second * (2.0 * math.pi * 2.0**-53))).to(torch.float32)

    def _bits(self, size: int | None) -> torch.Tensor:
        """int64 (N,) or (N, size): all 64 bits random."""
        if self._key is None:  # most steps draw nothing
            seeds, episodes, steps = self._places
            self._key = outputs(outputs(outputs(seeds, torch.zeros_like(seeds)), episodes), steps)
        counters = torch.arange(self._drawn, self._drawn + (size or 1), device=self.device)
        self._drawn += size or 1
        bits = outputs(self._key[:, None], counters)
        return bits[:, 0] if size is None else bits


def outputs(begin: torch.Tensor, number: torch.Tensor) -> torch.Tensor:
    """The output with that number, from 0, of the generator SplitMix64 whose state is `begin`. int64, of the shape both broadcast to."""
    z = begin + (number + 1) * _GAMMA
    z = (z ^ _shifted(z, 30)) * _MIX_1
    z = (z ^ _shifted(z, 27)) * _MIX_2
    return z ^ _shifted(z, 31)


def seed_tensor(seeds: Sequence[int]) -> torch.Tensor:
    """Any whole numbers as int64 (N,), modulo 2⁶⁴."""
    wrapped = [int(seed) & (2**64 - 1) for seed in seeds]
    return torch.tensor([seed - 2**64 if seed >= 2**63 else seed for seed in wrapped], dtype=torch.int64)


def _shifted(z: torch.Tensor, bits: int) -> torch.Tensor:
    """To the right, with zeros from the left, also where the sign bit is set."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)
