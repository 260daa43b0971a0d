"""Several iterators read at the same time, each by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from eureka.errors import ModelFault

T = TypeVar("T")


def at_once(sources: Sequence[Callable[[], Iterable[T]]], limit: int, on_left: Callable[[T], None] = lambda item: None) -> Iterator[T]:
    """What the sources give, at most `limit` of them read at a time, as it comes.

    After a failure no further source is begun; what those under way still give is yielded, then the failure is raised: of several
    `ModelFault`s, one after which something may be billed. on_left: called with what had come and was not dealt with when the iterator
    is closed, as on Ctrl-C; what was yielded last is among it.
    """
    arrived: deque[T | _Ended] = deque()
    ready = threading.Semaphore(0)
    waiting, lock, failed = deque(sources), threading.Lock(), threading.Event()

    def put(item: T | _Ended) -> None:
        arrived.append(item)
        ready.release()

    def read() -> None:
        while not failed.is_set():
            with lock:
                if not waiting:
                    break
                source = waiting.popleft()
            try:
                for item in source():
                    put(item)
            except BaseException as error:
                failed.set()
                put(_Ended(error))
                return
        put(_Ended(None))

    going = min(limit, len(sources))
    for _ in range(going):
        # A daemon: an interrupted run does not wait for what a provider may never answer.
        threading.Thread(target=read, daemon=True).start()
    failures = []
    try:
        while going:
            ready.acquire()
            item = arrived[0]  # taken away once it has been dealt with: an interrupt must not lose it in between
            if isinstance(item, _Ended):
                going -= 1
                failures += [item.error] if item.error is not None else []
            else:
                yield item
            arrived.popleft()
    finally:
        for item in arrived:
            if not isinstance(item, _Ended):
                on_left(item)
    if failures:
        raise _joined(failures)


def _joined(failures: list[BaseException]) -> BaseException:
    """The failure to tell: one that is no model's fault, or else the first, billed where any was."""
    faults = [failure for failure in failures if isinstance(failure, ModelFault)]
    if len(faults) < len(failures):
        return next(failure for failure in failures if not isinstance(failure, ModelFault))
    billed = [fault for fault in faults if fault.billed]
    told = (billed or faults)[0]
    if all(fault.samples is not None for fault in billed):
        told.samples = {sample for fault in billed for sample in fault.samples or ()}
    else:
        told.samples = None
    return told


class _Ended:
    """A reading thread has ended, with what it failed of."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
