"""The terminal belongs to one at a time: while a person is asked something there, whoever shows progress on it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Shower(Protocol):
    """What writes to the terminal on its own. Both methods are called from other threads, and more than once in a row."""

    def hold(self) -> None:
        """Take off what is drawn over, and keep what there is to say."""

    def go_on(self) -> None:
        """Say what was kept, and draw again."""


_showers: list[Shower] = []


def shows(shower: Shower) -> None:
    """From now on it is held while a person is asked."""
    _showers.append(shower)


def shows_no_more(shower: Shower) -> None:
    """It has ended; without effect where it never began."""
    if shower in _showers:
        _showers.remove(shower)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Nothing but the caller writes to the terminal."""
    held = list(_showers)
    for shower in held:
        shower.hold()
    try:
        yield
    finally:
        for shower in held:
            shower.go_on()
