"""`python -m eureka.worker.zygote FD`: a process without secrets, numpy warm, that forks one child per candidate.

Requests and answers are JSON over the SOCK_SEQPACKET socket FD, one answer per request:
`{"fork": limits}` with the child's end of a socket → `{"pid": …}`; `{"end": pid, "grace": seconds}` → `{"status": wait status,
"killed": it had to be}`. A request that fails answers `{"error": …}`. It lives until FD's other end closes, and its children
never longer than it. Standard library and numpy only.
"""

from __future__ import annotations

import gc
import json
import math  # noqa: F401 - candidates may import these; inside the child nothing can be read from disk any more
import os
import signal
import socket
import sys
import time
import typing  # noqa: F401
import warnings
from typing import Any

import numpy as np
import numpy.fft
import numpy.linalg
import numpy.random

from eureka.worker import reward_process


def main() -> None:
    """Serve until the worker is gone."""
    # Ctrl-C goes to the whole group; it is the worker that decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Blocked, so that `_end` can wait for it with a timeout.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    os.environ.clear()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    gc.collect()
    gc.freeze()
    worker = socket.socket(fileno=int(sys.argv[1]))
    children: set[int] = set()
    try:
        _serve(worker, children)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _serve(worker: socket.socket, children: set[int]) -> None:
    while True:
        try:
            data, fds, _, _ = socket.recv_fds(worker, 4096, 1)
        except ConnectionError:
            return
        if not data:
            return
        request = json.loads(data)
        try:
            answer = _fork(request["fork"], fds[0], children) if "fork" in request else _end(request["end"], request["grace"], children)
        except OSError as error:
            answer = {"error": str(error)}
        for fd in fds:
            os.close(fd)
        try:
            worker.send(json.dumps(answer).encode())
        except ConnectionError:
            return


def _fork(limits: dict[str, Any], fd: int, children: set[int]) -> dict[str, Any]:
    zygote = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            reward_process.main(fd, zygote, **limits)
        finally:
            os._exit(1)
    children.add(pid)
    return {"pid": pid}


def _end(pid: int, grace: float, children: set[int]) -> dict[str, Any]:
    """Reap a child, killing it if it lives on after `grace` seconds. Its pid is its own until here: nobody else reaps it."""
    until = time.monotonic() + grace
    killed = False
    while True:
        reaped, status = os.waitpid(pid, os.WNOHANG)
        if reaped:
            children.discard(pid)
            return {"status": status, "killed": killed}
        left = until - time.monotonic()
        if left <= 0:
            os.kill(pid, signal.SIGKILL)
            killed, left = True, 60.0
            until += left
        signal.sigtimedwait({signal.SIGCHLD}, left)


if __name__ == "__main__":
    main()
