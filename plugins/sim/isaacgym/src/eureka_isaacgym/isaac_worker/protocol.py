"""The worker's side of the protocol: `job.json` in, `events.jsonl` out, `result.json` written last and whole."""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
import threading
import time
from typing import Any, Dict


def read_json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path: str, value: Any) -> None:
    """Whole or not at all: a reader sees the old file or the new one. A number that is not finite becomes null."""
    part = path + ".part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(finite(value), file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(below) for below in value]
    return value


def leave_result(job: str, **fields: Any) -> None:
    """Its being there is what tells a worker that finished from one that crashed."""
    write_json(os.path.join(job, "result.json"), fields)


class Events:
    """Appends one JSON object a line to `events.jsonl`, which the host reads for progress only; several processes may."""

    def __init__(self, job: str) -> None:
        self._fd = os.open(os.path.join(job, "events.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **fields: Any) -> None:
        line: Dict[str, Any] = dict(fields, event=event, time=time.time())
        os.write(self._fd, json.dumps(finite(line)).encode() + b"\n")


def end_with_the_host() -> None:
    """Kill this process and its group as soon as the host is gone: the pipe it inherited closes."""
    fd = int(os.environ.pop("EUREKA_LIFELINE_FD", "-1"))
    if fd >= 0:
        os.set_inheritable(fd, False)
        threading.Thread(target=_watch, args=(fd,), daemon=True).start()
    end_with_parent()


def end_with_parent() -> None:
    """A second rope, for when native code holds the interpreter: prctl(PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


def _watch(fd: int) -> None:
    os.read(fd, 1)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
