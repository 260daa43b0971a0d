"""Finds the word somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word nearest to `word`, or None when none is near."""
    return next(iter(nearest(word, valid, 1)), None)


def nearest(word: str, valid: Iterable[str], count: int, likeness: float = 0.6) -> list[str]:
    """At most `count` valid words near `word`, nearest first; capitals do not matter. likeness: 0 takes any, 1 only the word itself."""
    by_lower = {name.lower(): name for name in valid}
    return [by_lower[name] for name in difflib.get_close_matches(word.lower(), by_lower, count, likeness)]


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """`; did you mean "best"?` to be put behind a statement, or a full stop when no valid word is near."""
    near = closest(word, valid)
    return f'; did you mean "{near}"?' if near is not None else "."
