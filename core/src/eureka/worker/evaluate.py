"""Measures policies: whole episodes of all of them as one batch, fitness by trusted code, and a bounded record of what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import LONGEST_EPISODE, Array
from eureka.errors import PluginContractError, RewardFailed
from eureka.training import ActTogether
from eureka.types import Task
from eureka.worker.finite import not_finite
from eureka.worker.fold import Fold, FoldName
from eureka.worker.recorded import Recorded, where_rows
from eureka.worker.recorder import Recorder
from eureka.worker.thinning import thin

Act = Callable[[NDArray[Any]], NDArray[Any]]
RowsKept = int | Callable[[Mapping[str, tuple[int, ...]]], int]


@dataclass(frozen=True, slots=True)
class EvaluationEpisodes:
    """E episodes of one policy, and R of their steps.

    fitness: float64 (E,). length: int32 (E,), in steps. steps: their sum, what the evaluation cost.
    variables: what the recorder records, float32 (R,) or (R, d). native: float32 (R,), the environment's own reward.
    episode: int32 (R,), index into fitness. step: int32 (R,), from 1.
    error: where a fitness value was not finite; `fitness` is worth nothing then.
    """

    fitness: Array
    length: NDArray[np.int32]
    variables: Mapping[str, NDArray[np.float32]]
    native: NDArray[np.float32]
    episode: NDArray[np.int32]
    step: NDArray[np.int32]
    error: RewardFailed | None = None

    @property
    def steps(self) -> int:
        return int(self.length.sum())


def evaluate_policy(
    recorder: Recorder, act: Act, seeds: Sequence[int], fold: FoldName, rows_per_episode: RowsKept, max_steps: int = LONGEST_EPISODE
) -> EvaluationEpisodes:
    """`evaluate_policies` of a single one, an episode a row. Raises RewardFailed("fitness") for a value that is not finite."""
    if len(seeds) != recorder.num_envs:
        raise PluginContractError(f"evaluation: {len(seeds)} seeds for {recorder.num_envs} rows; expected one each.")
    (episodes,) = evaluate_policies(recorder, [act], [seeds], fold, rows_per_episode, max_steps=max_steps)
    if episodes.error is not None:
        raise episodes.error
    return episodes


def evaluate_policies(
    recorder: Recorder,
    acts: Sequence[Act],
    seeds: Sequence[Sequence[int]],
    fold: FoldName,
    rows_per_episode: RowsKept,
    together: ActTogether | None = None,
    max_steps: int = LONGEST_EPISODE,
) -> list[EvaluationEpisodes]:
    """Run K policies, E episodes each, under deterministic actions; policy k acts in rows k·E to k·E + E − 1, rows beyond those rest.

    acts: observations (E, *obs shape) → actions; always called on a policy's whole block, so that no number depends on who else is there.
    seeds: E for each policy, one per row. together: all K policies in one call.
    rows_per_episode: how many steps of an episode to keep at most, or a function of the variables' shapes that says so; 0 keeps none.
    max_steps: where an episode of an environment without a time limit is cut; that counts as truncated.
    """
    count, rows = len(seeds[0]), recorder.num_envs
    used = len(acts) * count
    if used > rows or rows % count:
        raise PluginContractError(f"evaluation: {used} seeds for {rows} rows; expected a row each, in blocks of {count}.")
    observations: NDArray[Any] = recorder.reset([*(seed for each in seeds for seed in each), *[0] * (rows - used)]).observations
    act = _in_blocks(acts, count, rows) if together is None else _at_once(together, len(acts), count, rows)
    limit = recorder.max_episode_steps or max_steps
    live = np.arange(rows) < used
    length = np.zeros(rows, np.int32)
    while left := np.count_nonzero(live):
        active = None if left == rows else live
        step = recorder.step(act(observations, live), active)
        length += live
        observations = step.observations if active is None else where_rows(live, step.observations, observations)
        live = live & ~(step.terminated | step.truncated) & (length < limit)
        if recorder.lost is not None:
            live &= ~recorder.lost
    recorded = recorder.take()
    shapes = {name: array.shape[2:] for name, array in recorded.variables.items()}
    kept = rows_per_episode if isinstance(rows_per_episode, int) else rows_per_episode(shapes)
    blocks = [slice(start, start + count) for start in range(0, used, count)]
    folded = Fold(fold, rows)
    for index, values in enumerate(recorded.fitness):
        folded.add(values, index < length)
    fitness = folded.result()
    return [_episodes(recorder.task, recorded.rows(block), length[block], fitness[block], kept) for block in blocks]


def _in_blocks(acts: Sequence[Act], count: int, rows: int) -> Callable[[NDArray[Any], NDArray[np.bool_]], NDArray[Any]]:
    """Actions of all rows: each policy's for its own block, and anything for rows that no policy has."""
    chosen: dict[int, NDArray[Any]] = {}

    def act(observations: NDArray[Any], live: NDArray[np.bool_]) -> NDArray[Any]:
        for index, one in enumerate(acts):
            block = slice(index * count, (index + 1) * count)
            if index not in chosen or live[block].any():
                chosen[index] = np.asarray(one(observations[block]))
        spare = rows // count - len(acts)
        return np.concatenate([*chosen.values(), *[chosen[0]] * spare])

    return act


def _at_once(together: ActTogether, policies: int, count: int, rows: int) -> Callable[[NDArray[Any], NDArray[np.bool_]], NDArray[Any]]:
    used = policies * count

    def act(observations: NDArray[Any], live: NDArray[np.bool_]) -> NDArray[Any]:
        actions = together(observations[:used].reshape(policies, count, *observations.shape[1:]))
        flat = actions.reshape(used, *actions.shape[2:])
        return flat if used == rows else np.resize(flat, (rows, *flat.shape[1:]))

    return act


def _episodes(task: Task, recorded: Recorded, length: NDArray[np.int32], fitness: Array, rows: int) -> EvaluationEpisodes:
    """What came of one policy. recorded: of its rows alone."""
    kept = [thin(int(steps), rows) for steps in length]
    episode = np.repeat(np.arange(len(length), dtype=np.int32), [len(steps) for steps in kept])
    step = np.concatenate(kept)
    variables = {name: array[step - 1, episode].astype(np.float32) for name, array in recorded.variables.items()}
    native = recorded.native[step - 1, episode].astype(np.float32)
    last = recorded.fitness[length - 1, np.arange(len(length))]
    error = None
    if not np.isfinite(last).all():  # an episode ends with the first such value
        row = int(np.argmin(np.isfinite(last)))
        error = not_finite(task, last[row], f"step {length[row]} of evaluation episode {row}")
    return EvaluationEpisodes(fitness, length, variables, native, episode, step, error)
