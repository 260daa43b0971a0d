"""Measures a policy: whole episodes as one batch, fitness by trusted code, and a bounded record of what happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import LONGEST_EPISODE, Array
from eureka.errors import PluginContractError
from eureka.transitions import EvaluationTransitions
from eureka.worker.fold import Fold, FoldName
from eureka.worker.recorded import where_rows
from eureka.worker.recorder import Recorder


@dataclass(frozen=True, slots=True)
class EvaluationEpisodes:
    """E episodes of one policy, and R of their steps.

    fitness: float64 (E,). length: int32 (E,), in steps. steps: their sum, what the evaluation cost.
    variables: what the recorder records, float32 (R,) or (R, d). episode: int32 (R,), index into fitness. step: int32 (R,), from 1.
    """

    fitness: Array
    length: NDArray[np.int32]
    variables: Mapping[str, NDArray[np.float32]]
    episode: NDArray[np.int32]
    step: NDArray[np.int32]

    @property
    def steps(self) -> int:
        return int(self.length.sum())


def evaluate_policy(
    recorder: Recorder,
    act: Callable[[NDArray[Any]], NDArray[Any]],
    seeds: Sequence[int],
    fold: FoldName,
    rows_per_episode: int | Callable[[Mapping[str, tuple[int, ...]]], int],
    max_steps: int = LONGEST_EPISODE,
) -> EvaluationEpisodes:
    """Run the first episode of every row under deterministic actions.

    act: observations (E, *obs shape) → actions; always called on the whole batch, so that its size never changes a number.
    seeds: one per row.
    rows_per_episode: how many steps of an episode to keep at most, or a function of the variables' shapes that says so
        (`TransitionLog.rows_per_episode`); 0 keeps none.
    max_steps: where an episode of an environment without a time limit is cut; that counts as truncated.
    """
    if len(seeds) != recorder.num_envs:
        raise PluginContractError(f"evaluation: {len(seeds)} seeds for {recorder.num_envs} rows; expected one each.")
    observations: NDArray[Any] = recorder.reset(seeds).observations
    limit = recorder.max_episode_steps or max_steps
    live = np.ones(len(seeds), bool)
    length = np.zeros(len(seeds), np.int32)
    while live.any():
        step = recorder.step(act(observations), live)
        length += live
        observations = where_rows(live, step.observations, observations)
        live = live & ~(step.terminated | step.truncated) & (length < limit)
    recorded = recorder.take()
    folded = Fold(fold, len(seeds))
    for index, values in enumerate(recorded.fitness):
        folded.add(values, index < length)
    shapes = {name: array.shape[2:] for name, array in recorded.variables.items()}
    rows = rows_per_episode if isinstance(rows_per_episode, int) else rows_per_episode(shapes)
    kept = [thin(int(steps), rows) for steps in length]
    episode = np.repeat(np.arange(len(seeds), dtype=np.int32), [len(steps) for steps in kept])
    step_numbers = np.concatenate(kept)
    variables = {name: array[step_numbers - 1, episode].astype(np.float32) for name, array in recorded.variables.items()}
    return EvaluationEpisodes(folded.result(), length, variables, episode, step_numbers)


def rows_within(shapes: Mapping[str, tuple[int, ...]], episodes_total: int, max_bytes: int = 4_000_000) -> int:
    """How many steps to keep of each episode so that all stay below `max_bytes`: 8 to 100. shapes: of one row of each variable."""
    row_bytes = 4 * sum(math.prod(shape) for shape in shapes.values()) + 8
    return min(max(max_bytes // (row_bytes * max(episodes_total, 1)), 8), 100)


def thin(length: int, rows: int) -> NDArray[np.int32]:
    """At most `rows` steps of 1 to `length`, evenly spaced, the last always among them (none for `rows` 0). int32, ascending."""
    stride = max(math.ceil(length / rows), 1) if rows else length
    return np.arange(length, 0, -stride, dtype=np.int32)[::-1][: rows or 0]


class TransitionLog:
    """Gathers the evaluation episodes of a training's checkpoints for `transitions.npz`.

    names: the variables recorded, in order. episodes_total: how many episodes share the file's size.
    """

    def __init__(self, names: Sequence[str], episodes_total: int) -> None:
        self._names = tuple(names)
        self._episodes_total = episodes_total
        self.episodes: list[tuple[int, EvaluationEpisodes]] = []

    def rows_per_episode(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        """How many steps of an episode fit. shapes: of one row of each variable."""
        return rows_within(shapes, self._episodes_total)

    def add(self, checkpoint: int, episodes: EvaluationEpisodes) -> None:
        """Keep the episodes of checkpoint k."""
        self.episodes.append((checkpoint, episodes))

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
