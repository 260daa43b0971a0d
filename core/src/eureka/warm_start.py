"""Which policy a candidate's training begins with, and what makes a training one that does."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from eureka.config_models import Config
from eureka.generator_types import Draft
from eureka.policy_dirs import best_of
from eureka.search_start import POLICY
from eureka.state import State
from eureka.training_plan import Training
from eureka.types import Outcome


def policy_for(config: Config, state: State, restart: int, iteration: int, draft: Draft) -> str | None:
    """The checkpoint, relative to the run's directory, that a candidate begins with; None: from scratch.

    A replicate begins as its original did. Depends on nothing but what had been trained in the search before the iteration, so that a
    resumed or extended run decides the same.
    """
    first = POLICY if config.search.start is not None else None
    if draft.replicate_of in state.candidates:
        return state.candidates[draft.replicate_of].policy
    if config.search.warm_start == "none" or iteration == 0:
        return first
    if config.search.warm_start == "parent":
        outcome = state.outcomes.get(draft.parents[0]) if draft.parents else None
    else:
        outcome = _best(state, restart, iteration)
    folder = best_of(state, outcome.dirs) if outcome is not None and outcome.status == "ok" else None
    return first if folder is None else f"{folder}/checkpoint"


def begun_with(training: Training, policy: str | None, run_dir: Path) -> Training:
    """The training, begun with a checkpoint of the run, whose files its results depend on; None: from scratch."""
    return training if policy is None else replace(training, policy=policy, policy_sha256=policy_sha256(run_dir / policy))


def policy_sha256(checkpoint: Path) -> str:
    """Hash of all files of a checkpoint."""
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file())
    told = (f"{path.relative_to(checkpoint)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return hashlib.sha256("".join(told).encode()).hexdigest()


def _best(state: State, restart: int, iteration: int) -> Outcome | None:
    """The best outcome of a restart's earlier iterations; of equals what learnt sooner, then what came first."""
    score = state.task.fitness.score
    ids = [c.id for c in sorted(state.candidates.values(), key=lambda c: c.id) if c.restart == restart and c.iteration < iteration]
    trained = [outcome for id_ in ids if (outcome := state.outcomes.get(id_)) is not None and outcome.status == "ok"]
    return max(trained, key=lambda o: (score(o.fitness), score(o.mean_fitness)), default=None)
