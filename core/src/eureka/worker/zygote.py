"""`python -m eureka.worker.zygote FD PARENT LIBRARY`: a process without secrets, numpy warm, that forks one child per candidate.

Requests and answers are JSON over the SOCK_SEQPACKET socket FD, one answer per request:
`{"fork": {"isolation": …, "without": layers to leave out, "memory": bytes it may allocate, "library": LIBRARY, "sizes": bytes of the
files}}` with the child's end of a socket and three files (the code, memory for inputs, memory for outputs) → `{"pid": …}`;
`{"end": pid, "grace": seconds}` → `{"status": wait status, "killed": it had to be}`. A request that fails answers `{"error": …}`.
It lives until FD's other end closes or PARENT ends (0: whose end is not to be minded), and its children never longer than it.
Standard library and numpy only, and torch where LIBRARY, what rewards are written with, says so.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import mmap
import os
import signal
import socket
import sys
import time
import warnings
from typing import Any

from eureka.process import adopt_orphans, die_with, kill_strays


def main() -> None:
    """Serve until the worker is gone."""
    # First of all, before the slow imports: stopped, by Ctrl-Z, this process would never read that the socket has closed.
    if parent := int(sys.argv[2]):
        die_with(parent)
    adopt_orphans()
    # Ctrl-C goes to the whole group; it is the worker that decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Blocked, so that `_end` can wait for it with a timeout.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    _import(sys.argv[3])
    warnings.simplefilter("ignore")  # last: numpy has some of its own shown
    os.environ.clear()
    gc.collect()
    gc.freeze()
    worker = socket.socket(fileno=int(sys.argv[1]))
    children: set[int] = set()
    try:
        _serve(worker, children)
    finally:
        kill_strays()


def _import(library: str) -> None:
    """Load what candidates may import, and what Python and numpy load only when it is used: a child can read nothing from disk."""
    import __future__  # noqa: F401

    import math  # noqa: F401
    import typing  # noqa: F401
    import unicodedata  # noqa: F401 (to compile names that are not ASCII)

    import numpy as np
    import numpy.fft
    import numpy.linalg
    import numpy.ma  # what numpy.unique and numpy.nanmedian use
    import numpy.random
    import numpy.typing

    import eureka.worker.reward_process  # noqa: F401

    with contextlib.suppress(ImportError):
        importlib.import_module("_pylong")  # what Python 3.12 and later divides and prints long integers with
    np.seterr(all="ignore")
    if library == "torch":
        from eureka.worker.torch_warm import warm_torch

        warm_torch()


def _serve(worker: socket.socket, children: set[int]) -> None:
    while True:
        try:
            data, fds, _, _ = socket.recv_fds(worker, 4096, 4)
        except ConnectionError:
            return
        if not data:
            return
        request = json.loads(data)
        try:
            answer = _fork(request["fork"], fds, children) if "fork" in request else _end(request["end"], request["grace"], children)
        except OSError as error:
            answer = {"error": str(error)}
        for fd in fds:
            os.close(fd)
        try:
            worker.send(json.dumps(answer).encode())
        except ConnectionError:
            return


def _fork(wanted: dict[str, Any], fds: list[int], children: set[int]) -> dict[str, Any]:
    from eureka.worker import reward_process

    connection, *files = fds
    zygote, sizes = os.getpid(), wanted["sizes"]
    code = os.pread(files[0], sizes[0], 0)
    # Mapped here, so that a machine without memory for it is not taken for a candidate's failure.
    with (
        contextlib.closing(mmap.mmap(files[1], sizes[1], mmap.MAP_SHARED, mmap.PROT_READ)) as inputs,
        contextlib.closing(mmap.mmap(files[2], sizes[2], mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)) as outputs,
    ):
        pid = os.fork()
        if pid == 0:
            try:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
                reward_process.main(connection, zygote, wanted, code, inputs, outputs)
            finally:
                os._exit(1)
    children.add(pid)
    return {"pid": pid}


def _end(pid: int, grace: float, children: set[int]) -> dict[str, Any]:
    """Reap a child, killing it if it lives on after `grace` seconds, and kill what it left behind.

    Its pid is its own until here: nobody else reaps it.
    """
    until = time.monotonic() + grace
    killed = False
    while True:
        reaped, status = os.waitpid(pid, os.WNOHANG)
        if reaped:
            children.discard(pid)
            kill_strays(children)
            return {"status": status, "killed": killed}
        left = until - time.monotonic()
        if left <= 0:
            os.kill(pid, signal.SIGKILL)
            killed, left = True, 60.0
            until += left
        signal.sigtimedwait({signal.SIGCHLD}, left)


if __name__ == "__main__":
    main()
