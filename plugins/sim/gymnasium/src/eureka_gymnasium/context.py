"""What a model reads of an environment: its spaces and its episode limit, never its reward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eureka.hookspecs import ContextRequest
from eureka.spaces import Box, Discrete, Space

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim

# Beyond this many entries bounds are told as one range: a model gains nothing from a thousand numbers.
MAX_LISTED = 16


def describe(options: GymnasiumSim.Options, request: ContextRequest) -> str:
    """A few lines of plain text."""
    env = request.env
    if env.max_episode_steps is None:
        limit = "An episode has no step limit of its own."
    else:
        limit = f"An episode is truncated after {env.max_episode_steps} steps."
    return "\n".join(
        (
            f"Environment: Gymnasium's {options.env}.",
            f"Observation space: {_space(env.observation_space)}.",
            f"Action space: {_space(env.action_space)}.",
            limit,
        )
    )


def _space(space: Space) -> str:
    if isinstance(space, Discrete):
        return f"discrete, {space.n} values ({space.start} to {space.start + space.n - 1})"
    if isinstance(space, Box):
        shape = " × ".join(map(str, space.shape))
        return f"continuous, shape {shape}, {_bounds(space)}"
    return f"{len(space.nvec)} discrete entries with {', '.join(map(str, space.nvec))} values"


def _bounds(space: Box) -> str:
    low, high = (bound.ravel().tolist() for bound in space.bounds())
    pairs = list(zip(low, high, strict=True))
    if len(set(pairs)) == 1:
        return f"each entry {_range(*pairs[0])}"
    if len(pairs) <= MAX_LISTED:
        return f"entries {', '.join(_range(*pair) for pair in pairs)}"
    return f"entries within {_range(min(low), max(high))}"


def _range(low: float, high: float) -> str:
    # Adding 0 turns a bound of −0 into 0.
    return f"{low + 0.0:.4g} to {high + 0.0:.4g}".replace("-inf to inf", "unbounded")
