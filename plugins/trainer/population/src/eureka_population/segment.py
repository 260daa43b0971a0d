"""A trial's state between two segments: `state.safetensors`, `state.json` and its rows of the environment, `env`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eureka.types import Anew

if TYPE_CHECKING:
    from eureka_population.cohort import Cohort


_PARTS: dict[str, Anew] = {
    "moments": "optimizer",
    "returns": "environment",
    "seen": "environment",
    "reward_statistics": "normalizers",
    "observations.mean": "normalizers",
    "observations.variance": "normalizers",
    "observations.count": "normalizers",
}
"""What of the arrays below is begun anew with what. Of `parameters` it is the critic, with `value_head`."""


def _arrays(cohort: Cohort, trial: int) -> dict[str, NDArray[Any]]:
    """All arrays that one trial's training reads and writes, as views."""
    learner = cohort.learners[trial]
    return {
        "parameters": learner.parameters,
        "moments": learner.moments,
        "returns": learner.returns,
        "reward_statistics": learner.reward_statistics,
        "seen": cohort.rollout.now[trial],
        **{f"observations.{name}": view for name, view in cohort.statistics.of(trial).items()},
    }


def save(cohort: Cohort, trial: int, directory: Path) -> None:
    """Write all that the next segment needs to go on as if there had been no end."""
    from safetensors.numpy import save_file

    kept = cohort.env.save_state(directory / "env", cohort.rows(trial))
    learner = cohort.learners[trial]
    save_file({name: np.ascontiguousarray(array) for name, array in _arrays(cohort, trial).items()}, directory / "state.safetensors")
    state = {
        "steps": cohort.steps,
        "adam_steps": learner.adam_steps,
        "schedules_begin": learner.schedules_begin,
        "generator": learner.generator.bit_generator.state,
        "environment_saved": kept,
    }
    (directory / "state.json").write_text(json.dumps(state))


def load(cohort: Cohort, trial: int, directory: Path, anew: frozenset[Anew]) -> bool:
    """Bring a fresh trial to where `save` left it, its rows of the environment and what is `anew` apart.

    Returns whether its episodes go on, for the rows to be loaded from `env`; else they are to be started anew.
    """
    from safetensors.numpy import load_file

    learner = cohort.learners[trial]
    state = json.loads((directory / "state.json").read_text())
    saved = load_file(directory / "state.safetensors")
    if not state["environment_saved"]:
        anew |= {"environment"}
    begin, end = cohort.network.parts
    fresh_critic = learner.parameters[begin:end].copy()
    for name, view in _arrays(cohort, trial).items():
        if _PARTS.get(name) not in anew:
            view[...] = saved[name]
    if "value_head" in anew:
        learner.parameters[begin:end] = fresh_critic
    learner.generator.bit_generator.state = state["generator"]
    learner.adam_steps = 0 if "optimizer" in anew else state["adam_steps"]
    cohort.steps = state["steps"]
    learner.schedules_begin = cohort.steps if "learning_rate" in anew else state.get("schedules_begin", 0)
    return "environment" not in anew
