"""Ends the wait for a call that a library itself would wait for without end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Overdue(Exception):
    """It has taken longer than it may."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What the work gives, or raises; `Overdue` where it takes longer.

    A library's own time-out begins anew with every byte, so a server that goes on sending now and then is never given up. The thread that
    does the work is left behind, as nothing can stop it; being a daemon, it keeps no process from its end.
    """
    gave: list[T] = []
    raised: list[BaseException] = []
    ended = threading.Event()

    def do() -> None:
        try:
            gave.append(work())
        except BaseException as error:
            raised.append(error)
        finally:
            ended.set()

    threading.Thread(target=do, daemon=True).start()
    if not ended.wait(seconds):
        raise Overdue
    if raised:
        raise raised[0]
    return gave[0]
