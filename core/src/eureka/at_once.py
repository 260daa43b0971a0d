"""Several iterators read at the same time, each by a thread of its own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from eureka.errors import ModelFault

T = TypeVar("T")

_QUIET_S, _LEAVING_S = 0.1, 1.0
"""When it is left: how long nothing must come until all has come, and the longest that may take."""


def at_once(
    sources: Sequence[Callable[[], Iterable[T]]], limit: int, on_left: Callable[[T], None] = lambda item: None
) -> Generator[T, None, None]:
    """What the sources give, at most `limit` of them read at a time, as it comes. None is read on before its last item has been dealt with.

    After a failure no further source is begun; what those under way still give is yielded, then the failure is raised: of several
    `ModelFault`s, one after which something may be billed. on_left: called with what had come and was not dealt with when the iterator
    is closed, as on Ctrl-C; what was yielded last is among it.
    """
    arrived: deque[_Arrived[T]] = deque()
    turn = threading.Condition()
    waiting, failed, left = deque(sources), threading.Event(), threading.Event()

    def put(one: _Arrived[T]) -> None:
        with turn:
            arrived.append(one)
            turn.notify_all()
            turn.wait_for(lambda: one.dealt_with or left.is_set())

    def read() -> None:
        while not failed.is_set():
            with turn:
                if not waiting:
                    break
                source = waiting.popleft()
            try:
                for item in source():
                    put(_Arrived([item]))
            except BaseException as error:
                failed.set()
                return put(_Arrived(failure=error))
        return put(_Arrived())

    going = min(limit, len(sources))
    for _ in range(going):
        # A daemon: an interrupted run does not wait for what a provider may never answer.
        threading.Thread(target=read, daemon=True).start()
    failures = []
    try:
        while going:
            with turn:
                turn.wait_for(lambda: arrived)
            one = arrived[0]  # taken away once it has been dealt with: an interrupt must not lose it in between
            yield from one.items
            if not one.items:
                going -= 1
                failures += [one.failure] if one.failure is not None else []
            with turn:
                arrived.popleft()
                one.dealt_with = True
                turn.notify_all()
    finally:
        left.set()
        if going:
            for item in _coming(arrived, turn):
                on_left(item)
    if failures:
        raise _joined(failures)


class _Arrived(Generic[T]):
    """An item, or the end of a reading thread with what it failed of."""

    def __init__(self, items: Sequence[T] = (), failure: BaseException | None = None) -> None:
        self.items = items
        self.failure = failure
        self.dealt_with = False


def _coming(arrived: deque[_Arrived[T]], turn: threading.Condition) -> Iterator[T]:
    """What has come and what, answered already, is just on its way."""
    until = time.monotonic() + _LEAVING_S
    while time.monotonic() < until:
        with turn:
            turn.notify_all()
            if not turn.wait_for(lambda: arrived, timeout=_QUIET_S):
                return
            one = arrived.popleft()
        yield from one.items


def _joined(failures: list[BaseException]) -> BaseException:
    """The failure to tell: one that is no model's fault, or else the first, billed where any was."""
    faults = [failure for failure in failures if isinstance(failure, ModelFault)]
    if len(faults) < len(failures):
        return next(failure for failure in failures if not isinstance(failure, ModelFault))
    billed = [fault for fault in faults if fault.billed]
    told = (billed or faults)[0]
    told.lost_tries = max(fault.lost_tries for fault in faults)
    if all(fault.samples is not None for fault in billed):
        told.samples = {sample for fault in billed for sample in fault.samples or ()}
    else:
        told.samples = None
    return told
