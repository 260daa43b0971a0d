"""Tells the host that environment steps are being made: silence longer than `executor.stall_s` is a hang."""

from __future__ import annotations

import time

from eureka.worker.protocol import Events

_EVERY_S = 0.5


class Alive:
    """Counts environment steps of training and evaluation and writes an event now and then."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._steps = 0
        self._written = 0.0

    def __call__(self, steps: int) -> None:
        self._steps += steps
        now = time.monotonic()
        if now - self._written > _EVERY_S:
            self._written = now
            self._events.write("alive", trial="", steps=self._steps)
