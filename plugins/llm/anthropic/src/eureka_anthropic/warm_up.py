"""Lets one call go ahead of all that begin with the same text, so that they find that text in the provider's cache."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LIFETIME = 290.0
"""Seconds an entry is counted on after the call that wrote or read it: Anthropic's five minutes from a call's start, less a margin."""


@dataclass(slots=True)
class _Ahead:
    """The call that went ahead. settled: it has begun to be answered, or failed. started: the latest call that began to be answered."""

    started: float
    settled: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    @property
    def over(self) -> bool:
        return self.settled.is_set() and time.monotonic() - self.started > _LIFETIME


class WarmUp:
    """Which texts are in the provider's cache, or about to be.

    An entry can be read once the answer to the call that wrote it has begun ("Prompt caching" in Anthropic's documentation): calls that
    come sooner would each write one and pay for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[Hashable, _Ahead] = {}

    @contextmanager
    def turn(self, text: Hashable) -> Iterator[None]:
        """Wait until another call has warmed the cache, or be that call. Raises what that one failed of before it was answered."""
        with self._lock:
            call = self._calls.get(text)
            first = call is None or call.over
            if call is None or first:
                call = self._calls[text] = _Ahead(time.monotonic())
        if not first:
            call.settled.wait()
            if call.error is not None:
                raise call.error
            yield
            return
        try:
            yield
        except BaseException as error:
            with self._lock:
                if not call.settled.is_set():
                    call.error = error
                    del self._calls[text]
            raise
        finally:
            call.settled.set()

    def answered(self, text: Hashable, started: float) -> None:
        """The answer to a call that was sent at this time (monotonic) has begun."""
        with self._lock:
            if (call := self._calls.get(text)) is not None:
                call.started = max(call.started, started)
                call.settled.set()
