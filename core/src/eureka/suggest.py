"""Finds the word somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word nearest to `word`, or None when none is near."""
    by_lower = {name.lower(): name for name in valid}
    near = difflib.get_close_matches(word.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """`; did you mean "best"?` to be put behind a statement, or a full stop when no valid word is near."""
    near = closest(word, valid)
    return f'; did you mean "{near}"?' if near is not None else "."
