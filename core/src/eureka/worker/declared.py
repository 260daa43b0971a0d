"""Which bounds an environment declares for a variable: what its spaces say of the observation's entries and of the action."""

from __future__ import annotations

import re

import numpy as np

from eureka.env import Array
from eureka.spaces import Box, Discrete, Space

Bounds = tuple[Array, Array]
_OBSERVED = re.compile(r"obs((?:\.\w+|\[\d+(?::\d+)?\])*)")
_STEP = re.compile(r"\.(\w+)|\[([\d:]+)\]")
_OPEN = 1e30
"""A bound beyond this is float32's largest number, or near it: the way some environments write "none"."""


def declared_bounds(source: str, observation_space: Space, action_space: Space) -> Bounds | None:
    """Lowest and highest value of a source, each float64 () or (d,), infinite where open; None where nothing is declared of it.

    source: `action`, `terminated`, or an observation's entries: `obs`, `obs[3]`, `obs[3:6]`, `obs.key`, `obs.key[0]`.
    """
    if source == "terminated":
        return np.zeros(()), np.ones(())
    bounds = _of_action(action_space) if source == "action" else _of_observation(source, observation_space)
    if bounds is None:
        return None
    low, high = (np.where(np.abs(bound) >= _OPEN, np.copysign(np.inf, bound), bound) for bound in bounds)
    return (low, high) if np.isfinite(low).any() or np.isfinite(high).any() else None


def _of_action(space: Space) -> Bounds:
    if isinstance(space, Box):
        low, high = space.bounds()
        return low.ravel(), high.ravel()
    if isinstance(space, Discrete):
        return np.array([space.start], float), np.array([space.start + space.n - 1], float)
    count = np.array(space.nvec, float)
    first = np.array(space.start or np.zeros_like(count), float)
    return first, first + count - 1


def _of_observation(source: str, space: Space) -> Bounds | None:
    match = _OBSERVED.fullmatch(source)
    if match is None or not isinstance(space, Box):
        return None
    steps = [key or index for key, index in _STEP.findall(match[1])]
    low, high = space.bounds()
    if parts := (*space.parts, *space.one_hot):
        keys = [part.key.split(".") if part.key else [] for part in parts]
        found = [(part, steps[len(key) :]) for part, key in zip(parts, keys, strict=True) if steps[: len(key)] == key]
        if not found:
            return None
        part, steps = found[0]
        low, high = (bound[part.start : part.stop].reshape(part.shape) for bound in (low, high))
        if part.categories is not None:
            low, high = np.array(part.first, float), np.array(part.first + part.categories - 1, float)
    try:
        for step in steps:
            start, _, stop = step.partition(":")
            at = slice(int(start), int(stop)) if stop else int(start)
            low, high = low[at], high[at]
    except (ValueError, IndexError):
        return None
    return np.asarray(low), np.asarray(high)
