"""Spaces in words, for prompts."""

from __future__ import annotations

from eureka.spaces import Box, Discrete, Space

# Beyond this many entries bounds are told as one range: a model gains nothing from a thousand numbers.
MAX_LISTED = 16


def space_text(space: Space) -> str:
    """A space in words, with its bounds."""
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
