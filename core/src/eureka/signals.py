"""Ctrl-C, SIGTERM, SIGHUP and Ctrl-Z for a host with workers."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from eureka.hookspecs import JobHandle


class Interrupted(BaseException):
    """The user asked the run to stop. No Exception, so that nothing that logs and goes on swallows it."""


class Signals:
    """While entered: the first SIGINT, SIGTERM or SIGHUP raises `Interrupted` in the main thread, outside of `deferred` blocks;
    a second one kills the workers and this process at once; SIGTSTP stops the workers too, and SIGCONT continues them."""

    def __init__(self) -> None:
        self.jobs: set[JobHandle] = set()
        self.pauses = 0
        self._depth = 0
        self._asked = False
        self._due = False
        self._pause_due = False
        self._old: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        # Handlers belong to the main thread; a run started from another one is its caller's to stop.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` means it
                    self._old[number] = signal.signal(number, self._stop)
            self._old[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._pause)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """A block that is done whole or not at all: an interrupt in it is raised when it ends."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
        if self._pause_due and not self._depth:
            self._pause_due = False
            self._pause(signal.SIGTSTP, None)
        if self._due and not self._depth:
            self._due = False
            raise Interrupted

    def kill_jobs(self) -> None:
        """Kill every worker and wait until all are gone."""
        for job in list(self.jobs):
            job.kill()
        for job in list(self.jobs):
            job.wait()
        self.jobs.clear()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            for job in self.jobs:
                job.kill()
            os._exit(130)
        self._asked = True
        if self._depth:
            self._due = True
        else:
            raise Interrupted

    def _pause(self, number: int, frame: FrameType | None) -> None:
        if self._depth:  # a worker that is just being started is not among the jobs yet
            self._pause_due = True
            return
        for job in self.jobs:
            job.pause()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # stops here until SIGCONT
        signal.signal(signal.SIGTSTP, self._pause)
        self.pauses += 1  # whoever measures silence starts anew
        for job in self.jobs:
            job.go_on()
