"""Calls `reset` or `step` of an environment for the first time, and says what is wrong with what it does or gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eureka.errors import ConfigError
from eureka.spaces import Box
from eureka.user_code import python_error


def run(call: Callable[..., Any], gives: str, box: Box, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """The values that the call returns. gives: their names, observation first, info last. box: what the observation must fit.

    Raises ConfigError naming `sim.env` when it raises, returns other values, or an observation that is not of its space.
    """
    name = f"{call.__name__}()"
    try:
        values = call(*args, **kwargs)
    except Exception as error:
        raise ConfigError(
            f"sim.env: {name} of the environment failed at {python_error(error).rstrip('.')}. Mend it or its wrappers."
        ) from error
    count = len(gives.split(","))
    if not (isinstance(values, tuple) and len(values) == count and isinstance(values[-1], dict)):
        given = f"{len(values)} values" if isinstance(values, tuple) else type(values).__name__
        if isinstance(values, tuple) and len(values) == count:
            given = f"{type(values[-1]).__name__} as its last value"
        raise ConfigError(f"sim.env: {name} of the environment gave {given}; it must give the {count} values {gives} (a dict).")
    try:
        box.flatten(values[0])
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError(
            f"sim.env: {name} of the environment gave an observation that is not of its observation_space ({error})."
        ) from error
    return values
