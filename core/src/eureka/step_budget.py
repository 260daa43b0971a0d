"""Which environment steps `budget.env_steps` still covers: a training is begun only where all of it is sure to fit."""

from __future__ import annotations

from collections.abc import Iterable

from eureka.config import Config
from eureka.spending import in_words, spent
from eureka.state import State
from eureka.training_plan import steps_at_most


def steps_left(config: Config, state: State) -> float:
    """Environment steps that `budget.env_steps` leaves."""
    cap = config.budget.env_steps
    return float("inf") if cap is None else cap - spent(state)["env_steps"]


def steps_needed(config: Config, state: State, segments: Iterable[int], folder: str | None = None) -> int:
    """The most environment steps that these segments of a training may take; of the one in `folder`, what that may yet take."""
    assert state.context is not None
    missing = list(segments)
    if folder is not None:
        missing = [] if has_failed(state, folder, missing) else [k for k in missing if f"{folder}/{k}" not in state.results]
    needed = sum(steps_at_most(config, state.context, segment) for segment in missing)
    return needed + _beyond(config, state) if missing else 0


def has_failed(state: State, folder: str, segments: Iterable[int]) -> bool:
    """Whether one of these segments of the training in `folder` failed, so that no further one is trained."""
    found = (state.results.get(f"{folder}/{segment}") for segment in segments)
    return any(result is not None and result.status != "ok" for result in found)


def _beyond(config: Config, state: State) -> int:
    """By how much the last update of a training has gone beyond what it was to train: a trainer's, so known once one has trained."""
    steps, segments = config.training.steps, config.training.segments
    ends = {str(segment): steps * (segment + 1) // segments for segment in range(segments)}
    return max([0, *(result.reached - ends[result.dir.rpartition("/")[2]] for result in state.results.values())])


def steps_in_words(config: Config, state: State, what: str = "a training", need: int | None = None) -> str:
    """Why what comes next is not covered. need: the most steps it may take; None: a whole training's."""
    need = steps_needed(config, state, range(config.training.segments)) if need is None else need
    assert config.budget.env_steps is not None
    return f"{in_words('env_steps', spent(state)['env_steps'], config.budget.env_steps)}, and {what} may come to {need:,}"


def trains_no_more(config: Config, state: State) -> bool:
    """Whether not one more training is covered, so that no further answer could be of use."""
    capped = config.budget.env_steps is not None
    return capped and steps_needed(config, state, range(config.training.segments)) > steps_left(config, state)
