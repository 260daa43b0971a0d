"""A trial's state between two segments: `state.safetensors`, `state.json` and its rows of the environment, `env`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from eureka_population.cohort import Cohort


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
        "generator": learner.generator.bit_generator.state,
        "environment_saved": kept,
    }
    (directory / "state.json").write_text(json.dumps(state))


def load(cohort: Cohort, trial: int, directory: Path) -> bool:
    """Bring a trial to where `save` left it. Returns whether its episodes go on; else they are to be started anew."""
    from safetensors.numpy import load_file

    learner = cohort.learners[trial]
    state = json.loads((directory / "state.json").read_text())
    saved = load_file(directory / "state.safetensors")
    for name, view in _arrays(cohort, trial).items():
        view[...] = saved[name]
    learner.generator.bit_generator.state = state["generator"]
    learner.adam_steps = state["adam_steps"]
    cohort.steps = state["steps"]
    kept = bool(state["environment_saved"])
    if kept:
        cohort.env.load_state(directory / "env", cohort.rows(trial))
    else:
        learner.returns[:] = 0.0
    return kept
