"""Keeps a process warm for a run's workers to be forked from, where the executor has such a one."""

from __future__ import annotations

from collections.abc import Callable

import pluggy

from eureka.hookspecs import JobRequest, WarmHandle
from eureka.job_types import Job, WarmJob
from eureka.signals import Signals

_PATIENCE_S = 300.0


class Warm:
    """The warm process: started, replaced after it was killed, given up where it never gets ready."""

    def __init__(self, hooks: pluggy.PluginManager, signals: Signals, request: Callable[[WarmJob], JobRequest]) -> None:
        self._hooks = hooks
        self._signals = signals
        self._request = request
        self._job: WarmJob | None = None
        self._handle: WarmHandle | None = None
        self._was_ready = False

    def keep(self, job: WarmJob) -> None:
        """Have one from the first job on, whatever that is; none where the executor starts each worker anew."""
        if self._hooks.hook.eureka_keep_warm.get_hookimpls():
            self._job = job

    def before(self, job: Job) -> None:
        """Called before a worker is started. One that trains or evaluates waits until this is warm: it would have to load the same."""
        if self._handle is None and self._job is not None:
            self._start(self._job)
        if self._handle is None:
            return
        waits = job.op in ("train", "measure", "evaluate")
        if self._handle.ready(_PATIENCE_S if waits else 0.0):
            self._was_ready = True
        elif waits or not self._handle.lives():
            self._replace()

    def _start(self, job: WarmJob) -> None:
        """Without waiting for it."""
        request = self._request(job)
        with self._signals.deferred():
            self._handle = self._hooks.hook.eureka_keep_warm(request=request)
            if self._handle is not None:
                self._signals.jobs.add(self._handle)
            else:
                self._job = None
        self._was_ready = False

    def _replace(self) -> None:
        assert self._handle is not None and self._job is not None
        with self._signals.deferred():
            self._handle.kill()
            self._handle.wait()
            self._signals.jobs.discard(self._handle)
            self._handle = None
        if self._was_ready:  # killed, most likely because the machine ran out of memory
            self._start(self._job)
        else:
            self._job = None
