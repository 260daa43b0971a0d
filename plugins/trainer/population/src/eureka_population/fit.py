"""Whether the options go with an environment and a budget: found out before anything is spent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eureka.errors import ConfigError, EurekaError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Space
from eureka_population.kernels import cache
from eureka_population.network import Floats, Network, network
from eureka_population.options import Options
from eureka_population.spaces import actions, observation_width

if TYPE_CHECKING:
    from eureka_population.actor import Statistics


def check_fit(options: Options, request: TrainingRequest) -> list[str]:
    """What a user should know, a line each. Raises ConfigError where training cannot begin."""
    width = observation_width(request.observation_space)
    if options.warm_start is not None:
        wanted = network(options.widths, options.activation, width, actions(request.action_space))
        read_start(options, options.warm_start, True, wanted, request.observation_space)
    warnings = cache.told()
    if options.rollout > request.steps / 10:
        warnings.append(
            f"trainer.n_steps × num_envs = {options.rollout:,} environment steps between two updates, of {request.steps:,} in "
            "training.steps: fewer than ten updates, at which checkpoints are taken, and the last may go beyond. Lower n_steps."
        )
    return warnings


def read_start(options: Options, file: Path, own: bool, wanted: Network, observation_space: Space) -> tuple[Floats, Statistics]:
    """Parameters and statistics of the policy to begin with. own: the options name it. Raises ConfigError where it is another network's."""
    from eureka_population.policy import read_policy

    try:
        known, row, statistics, scaled = read_policy(file, observation_space, wanted.actions.space)
    except EurekaError as error:
        if not own:
            raise ConfigError(f"the policy to begin with: {error}") from None
        raise ConfigError(
            f"trainer.warm_start: {error} Name a checkpoint of this trainer: RUN/candidates/ID/training/0/checkpoint."
        ) from None
    theirs, ours = _described(known, scaled), _described(wanted, options.normalize_observations)
    if differing := [name for name in ours if theirs[name] != ours[name]]:
        place, what = ("trainer.warm_start", f"{file}") if own else (f"trainer.{differing[0]}", f"the policy to begin with, {file},")
        raise ConfigError(
            f"{place}: {what} is of {_told(theirs)}, and the options here give {_told(ours)}. Set the same, or begin with another."
        )
    return row, statistics


def _described(known: Network, scale: bool) -> dict[str, str]:
    """The options that a policy is of."""
    widths = f"{{pi: {list(known.actor[1:-1])}, vf: {list(known.critic[1:-1])}}}"
    return {"net_arch": widths, "activation": known.activation, "normalize_observations": str(scale).lower()}


def _told(options: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in options.items())
