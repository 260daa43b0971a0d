"""Gathers evaluation episodes for `transitions.npz`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eureka.transitions import EvaluationTransitions
from eureka.worker.evaluate import EvaluationEpisodes


class TransitionLog:
    """Gathers the evaluation episodes of a training's checkpoints for `transitions.npz`.

    names: the variables recorded, in order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self.episodes: list[tuple[int, EvaluationEpisodes]] = []

    def add(self, checkpoint: int, episodes: EvaluationEpisodes) -> None:
        """Keep the episodes of checkpoint k."""
        self.episodes.append((checkpoint, episodes))

    @property
    def native(self) -> NDArray[np.float32]:
        """The environment's own reward of every row of `joined`, float32 (R,)."""
        return np.concatenate([e.native for _, e in self.episodes])

    def joined(self) -> EvaluationTransitions:
        """All of them as one record; at least one checkpoint must have been added."""
        counts = [len(e.fitness) for _, e in self.episodes]
        offsets = np.cumsum([0, *counts[:-1]], dtype=np.int32)
        return EvaluationTransitions(
            variables={name: np.concatenate([e.variables[name] for _, e in self.episodes]) for name in self._names},
            episode=np.concatenate([e.episode + o for (_, e), o in zip(self.episodes, offsets, strict=True)]),
            step=np.concatenate([e.step for _, e in self.episodes]),
            episode_checkpoint=np.repeat(np.array([k for k, _ in self.episodes], np.int32), counts),
            episode_fitness=np.concatenate([e.fitness for _, e in self.episodes]),
            episode_length=np.concatenate([e.length for _, e in self.episodes]),
        )
