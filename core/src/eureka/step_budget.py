"""Which environment steps `budget.env_steps` still covers: a training is begun only where all of it is sure to fit."""

from __future__ import annotations

from collections.abc import Iterable

from eureka.config import Config
from eureka.env import LONGEST_EPISODE
from eureka.errors import ConfigError
from eureka.lessons import segment_ends
from eureka.own_trainers import plays_checkpoints
from eureka.spending import in_words, spent
from eureka.state import State
from eureka.training_plan import evaluation_episodes, steps_at_most
from eureka.types import EnvContext


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
    ends = segment_ends(config)
    return max([0, *(result.reached - ends[int(result.dir.rpartition("/")[2])] for result in state.results.values())])


def steps_in_words(config: Config, state: State, what: str = "", need: int = 0) -> str:
    """Why what comes next is not covered. what, need: other than a training, and the most steps it may take."""
    assert config.budget.env_steps is not None and state.context is not None
    have = in_words("env_steps", spent(state)["env_steps"], config.budget.env_steps)
    return f"{have}, and {f'{what} may come to {need:,}' if what else _training_in_words(config, state.context, _beyond(config, state))}"


def _training_in_words(config: Config, context: EnvContext, beyond: int = 0) -> str:
    """What a whole training may come to, how much of that is evaluation, and the settings that would lower it."""
    evaluation, checkpoints = config.evaluation, config.training.checkpoints
    episodes = evaluation_episodes(config, context.max_episode_steps)
    measured = checkpoints * episodes * (context.max_episode_steps or LONGEST_EPISODE) if plays_checkpoints(config) else 0
    at_bound = episodes in (evaluation.min_episodes, evaluation.max_episodes)
    lower = {
        "evaluation.share": not at_bound,
        "evaluation.min_episodes": episodes == evaluation.min_episodes > 1,
        "evaluation.max_episodes": episodes == evaluation.max_episodes > 1,
        "training.checkpoints": at_bound and checkpoints > 1,
    }
    names = " or ".join(name for name, does in lower.items() if does)
    whole = f"{config.training.steps + beyond + measured:,} environment steps"
    if not measured:
        return f"a training may come to {whole}"
    return f"a training may come to {whole}, {measured:,} of them evaluation at its longest{f' ({names} lowers that)' * bool(names)}"


def refuse_untrainable(config: Config, context: EnvContext | None = None) -> None:
    """Raise ConfigError where `budget.env_steps` does not cover one training. context: None, not known yet, nor how long evaluation is."""
    cap, steps = config.budget.env_steps, config.training.steps
    if cap is None:
        return
    if context is None and steps > cap:
        why = f"a training has {steps:,} environment steps, evaluation apart. Raise it, or lower training.steps"
    elif context is not None and sum(steps_at_most(config, context, segment) for segment in range(len(segment_ends(config)))) > cap:
        why = f"{_training_in_words(config, context)}. Raise it, or make trainings shorter"
    else:
        return
    raise ConfigError(f"budget.env_steps: {cap:,} does not cover one training: {why}")


def trains_no_more(config: Config, state: State) -> bool:
    """Whether not one more training is covered, so that no further answer could be of use."""
    capped = config.budget.env_steps is not None
    return capped and steps_needed(config, state, range(len(segment_ends(config)))) > steps_left(config, state)
