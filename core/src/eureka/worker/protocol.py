"""The worker's side of the protocol: `job.json` in, `events.jsonl` out, `result.json` written last and whole."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import io
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter

from eureka.files import write_atomically
from eureka.job_types import Job, JobResult
from eureka.process import adopt_orphans, die_with_parent, kill_strays

_JOB: TypeAdapter[Any] = TypeAdapter(Job)


def read_job(directory: Path) -> Any:
    """The job this worker was started for: one of `eureka.job_types.Job`."""
    return _JOB.validate_json((directory / "job.json").read_bytes())


def write_result(directory: Path, result: JobResult) -> None:
    """Say how the job ended. Its being there is what tells a finished worker from a crashed one."""
    write_atomically(directory / "result.json", result.model_dump_json(by_alias=True))


def leave() -> NoReturn:
    """End the process as Python does, its threads and exit handlers first, but without taking every module apart: the host waits.

    With torch loaded that alone is seconds on a busy machine, and in a worker that was forked it copies most of what it shares.
    """
    threading._shutdown()  # type: ignore[attr-defined] # waits for threads, after telling those of a pool that there is no more to do
    atexit._run_exitfuncs()
    # What a component left open too; what was there before a fork is not among the collector's objects.
    for thing in (sys.stdout, sys.stderr, *gc.get_objects()):
        if isinstance(thing, io.IOBase) and not thing.closed:
            with contextlib.suppress(Exception):
                thing.flush()
    ctypes.CDLL(None).fflush(None)  # what native code has printed
    os._exit(0)


class Events:
    """Appends one JSON object a line to `events.jsonl`. The host reads it for progress only, never for results."""

    def __init__(self, directory: Path) -> None:
        self._fd = os.open(directory / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **fields: Any) -> None:
        os.write(self._fd, json.dumps({"event": event, "time": time.time(), **fields}).encode() + b"\n")


def end_with_the_host() -> None:
    """Kill this worker and all it started as soon as the host is gone, however it went; at its own end, what is left of the latter.

    A daemon (it has left the process group) is found as long as this process lives to adopt it. When this process is killed, by
    the end of the host or by a crash, such a daemon goes to the system's first process and lives on. A reward
    can fork nothing unless `isolation` is `none`, where that case is open.
    """
    fd = take_lifeline()
    if fd >= 0:
        watch(fd)


def take_lifeline() -> int:
    """The descriptor that is readable once the host is gone, -1 where nobody gave one; without a thread to watch it as yet."""
    fd = int(os.environ.pop("EUREKA_LIFELINE_FD", "-1"))
    if fd >= 0:
        if sys.platform == "linux":
            # A second rope for the case that native code holds the interpreter and the thread of `watch` cannot run.
            die_with_parent()
            adopt_orphans()
            atexit.register(kill_strays)  # the first registered runs last, when everybody else has ended their own children
        os.set_inheritable(fd, False)
    return fd


def watch(fd: int) -> None:
    """From now on end this process, and its group if it leads one, when `fd` closes."""
    threading.Thread(target=_watch, args=(fd,), daemon=True).start()


def _watch(fd: int) -> None:
    os.read(fd, 1)  # nothing is ever written: this returns when the host's end closes
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
