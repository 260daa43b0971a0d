"""What a trainer is given: `TrainTools`, and what it hands over: `Policy`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array, Reset, Step
from eureka.errors import RewardFailed
from eureka.spaces import Space
from eureka.types import Anew


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy core can evaluate and keep.

    act: observations (B, *obs shape) → deterministic actions, (B,) integers for Discrete, else (B, d). Stateless: row j's action
        depends on row j's observation only.
    save: writes all that acting needs (weights, normalisers) as files into the empty directory it is given. Core adds
        `checkpoint.json` with format, trainer and spaces.
    """

    act: Callable[[NDArray[np.generic]], NDArray[np.generic]]
    save: Callable[[Path], None]


ActTogether = Callable[[NDArray[np.generic]], NDArray[np.generic]]
"""Observations (K, B, *obs shape), a block for each of K policies in order → actions (K, B) or (K, B, d), equal to those of each `act`."""


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """A checkpoint `Policy.save` wrote, for `eureka_load_policy`. Core has checked format, trainer and spaces already."""

    path: Path
    observation_space: Space
    action_space: Space


class Transitions(Protocol):
    """T steps of N rows, as an environment of `tools.make_env` recorded them since the last `take`."""

    num_steps: int
    num_envs: int

    @property
    def fitness_reward(self) -> Array:
        """The fitness itself as a reward, float64 (T, N): over an episode it adds up to its fitness, to minus that where less is better,
        and to that times its steps where the fitness is their mean."""

    def rows(self, rows: slice) -> Transitions:
        """The same steps of some rows: a trial's share of a batch that holds several trials."""


class RecordedEnv(Protocol):
    """A batched environment whose transitions core records, for rewards to be computed on later."""

    num_envs: int
    observation_space: Space
    action_space: Space

    def reset(self, seeds: list[int]) -> Reset:
        """Start every row anew. Take the seeds from `tools.row_seeds`."""

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """See `eureka.env.BatchedEnv.step`. active: bool (N,); the rows of a trial that was given up need not be stepped.

        A row whose fitness is no finite number observes zeros from then on; `tools.rewards` of its trial then raises.
        """

    def take(self) -> Transitions:
        """All steps since the last `take` (or `reset`), and forget them."""

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """Save simulator and recorder of some rows to go on exactly; False where the simulator cannot: then `reset` with new seeds.

        A trainer that steps several trials as one batch saves each one's rows for itself: the next segment's cohort is another.
        """

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """These rows go on from what `save_state` wrote of as many."""

    def close(self) -> None: ...


class TrainTools(Protocol):
    """What core does for a trainer. One instance per job; not thread-safe."""

    threads: int
    """CPU threads this job may use."""

    workdir: Path
    """Scratch space of this job."""

    def make_env(self, num_envs: int) -> RecordedEnv:
        """A new environment of `num_envs` rows, recording the variables this cohort's rewards take."""

    def row_seeds(self, trial: str, num_envs: int) -> list[int]:
        """One seed per row for this trial and segment. Row j's does not depend on `num_envs`."""

    def rewards(self, trial: str, transitions: Transitions) -> Array:
        """The trial's reward for every recorded step. float64 (T, N).

        Raises `RewardFailed` when the candidate's code fails, or a fitness in these rows is no finite number: give the trial up with
        `failed`, go on with the others.
        """

    def after_update(self, steps: int, policies: Mapping[str, Policy], act: ActTogether | None = None) -> Mapping[str, RewardFailed]:
        """Call once after every update. steps: environment steps each of these trials has trained, over all its segments.

        Core reports progress and, where a checkpoint is due, evaluates the policies on episodes of its own, all of them as one batch, and
        keeps the best. act: all of these policies in one call, where the trainer can do that faster than one by one.
        Returns the trials that failed here, since their policy drove the simulator to a fitness that is no finite number: give them up
        with `failed`.
        """

    def finished(self, trial: str, save_state: Callable[[Path], None]) -> None:
        """The trial's segment is done. `save_state` writes all that training needs to go on exactly (parameters, optimiser,
        generators, normalisers, simulator) as files into the empty directory it is given; it is called only where another
        segment follows."""

    def failed(self, trial: str, error: RewardFailed) -> None:
        """The trial failed and was given up; its segment ends here."""

    def start_dir(self, trial: str) -> Path | None:
        """Where `save_state` wrote at the end of the segment before, or None where there is none before it."""

    def anew(self, trial: str) -> frozenset[Anew]:
        """What of the state in `start_dir` the trial does not go on with; it is made as for a training from scratch.

        With `environment`, the rows are reset with `row_seeds`, and so is what belongs to them alone (episodes under way, a replay buffer).
        Never holds what the trainer does not name in its class attribute `renews`.
        """

    def start_policy(self, trial: str) -> Path | None:
        """A checkpoint that `Policy.save` of this trainer wrote, to begin with in the place of a random policy: its weights and
        normalisers; all else is new, and the value function too where the checkpoint has none. None: a random policy.

        Core has checked format, trainer and spaces. There is never one where `start_dir` gives something, and none for a trainer without
        the class attribute `takes_policies = True`.
        """
