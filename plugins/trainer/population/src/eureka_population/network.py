"""The networks of one trial as one flat row of parameters: actor, critic, and the log deviations of continuous actions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eureka_population.spaces import Actions

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """Their shapes. actor, critic: inputs, hidden widths, outputs."""

    actor: tuple[int, ...]
    critic: tuple[int, ...]
    activation: Literal["tanh", "relu"]
    actions: Actions

    @property
    def parts(self) -> tuple[int, int]:
        """Where in the row the critic begins, and where it ends."""
        actor = _size(self.actor)
        return actor, actor + _size(self.critic)

    @property
    def size(self) -> int:
        """Numbers in the row."""
        return self.parts[1] + (0 if self.actions.choices else self.actions.width)

    def initial(self, generator: np.random.Generator) -> Floats:
        """A fresh row. Orthogonal weights (Saxe et al. 2014), gain √2, of the last layers 0.01 and 1, as in stable-baselines3; else 0."""
        row = np.zeros(self.size, np.float32)
        for name, array in self.arrays(row).items():
            if name.endswith("weights"):
                network, layer = name.split(".")[:2]
                last = int(layer) == len(self.actor if network == "actor" else self.critic) - 2
                gain = (0.01 if network == "actor" else 1.0) if last else np.sqrt(2.0)
                array[...] = gain * _orthogonal(generator, *array.shape)
        return row

    def arrays(self, row: Floats) -> dict[str, Floats]:
        """The row's stretches by name, as views: `actor.0.weights` (in, out), `actor.0.biases` (out,), …, `log_std`."""
        named: dict[str, Floats] = {}
        at = 0
        for network, sizes in (("actor", self.actor), ("critic", self.critic)):
            for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
                named[f"{network}.{layer}.weights"] = row[at : at + n_in * n_out].reshape(n_in, n_out)
                named[f"{network}.{layer}.biases"] = row[at + n_in * n_out : at + (n_in + 1) * n_out]
                at += (n_in + 1) * n_out
        if not self.actions.choices:
            named["log_std"] = row[at:]
        return named


def network(widths: tuple[tuple[int, ...], tuple[int, ...]], activation: Literal["tanh", "relu"], inputs: int, actions: Actions) -> Network:
    """The networks for an environment. widths: hidden ones of actor and critic."""
    return Network((inputs, *widths[0], actions.outputs), (inputs, *widths[1], 1), activation, actions)


def _size(sizes: tuple[int, ...]) -> int:
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def _orthogonal(generator: np.random.Generator, rows: int, columns: int) -> NDArray[np.float64]:
    """Orthonormal rows or columns, whichever are fewer, uniformly drawn (Mezzadri 2007)."""
    drawn = generator.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))
    return q if rows >= columns else q.T
