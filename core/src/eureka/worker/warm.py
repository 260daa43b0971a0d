"""Operation `warm`: a process that has loaded what every job of the run needs, and forks a worker for each.

Messages are JSON over the SOCK_SEQPACKET socket that ties it to the host. It begins with `{"ready": true}`. Then, one answer per request:
`{"fork": directory of a job}` with the worker's end of its lifeline and its log → `{"pid": …}`, or `{"refused": why}` where a fork of
this process could not be relied on; `{"end": pid}` → `{"code": as in subprocess.Popen}` once the worker has ended, its group with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from eureka.job_types import WarmJob
from eureka.process import adopt_orphans, die_with, kill_strays
from eureka.worker.components import worker_hooks


def serve(job: WarmJob, directory: Path, lifeline: int, modules: Iterable[str]) -> tuple[Path, int]:
    """Fork workers until the host is gone. Returns in each of them, with the directory of its job and its own lifeline.

    directory: this process's own. lifeline: the socket. modules: what of core's own a worker may need.
    """
    _load(job, modules)
    workers: set[int] = set()
    host = socket.socket(fileno=lifeline)
    try:
        _say(host, {"ready": True})
        while True:
            data, fds, _, _ = socket.recv_fds(host, 1 << 16, 2)
            if not data:
                break
            request = json.loads(data)
            if "end" in request:
                _say(host, {"code": _end(request["end"], workers)})
                continue
            why = _why_not()
            pid = -1 if why else _fork()
            if pid == 0:
                host.close()
                return _become(directory, Path(request["fork"]), *fds)
            for fd in fds:
                os.close(fd)
            if pid > 0:
                workers.add(pid)
            _say(host, {"pid": pid} if pid > 0 else {"refused": why or "the system has no room for another process"})
    except ConnectionError:
        pass
    sys.exit()  # which kills the workers: there is nobody to work for


def _load(job: WarmJob, modules: Iterable[str]) -> None:
    """What is wrong with a component is for the jobs to tell; here it only means that workers load more themselves."""
    for module in modules:
        importlib.import_module(module)
    try:
        worker_hooks(job.task, job.trainer).hook.eureka_warm_up()
    except Exception:
        traceback.print_exc()
    gc.collect()
    gc.freeze()  # the collector of a worker would write to, and so copy, all of it


def _say(host: socket.socket, message: dict[str, object]) -> None:
    host.send(json.dumps(message).encode())


def _why_not() -> str:
    """What makes a fork of this process unsafe; empty when nothing does."""
    threads = len(list(Path("/proc/self/task").iterdir())) - 1
    if threads:
        return f"what it loaded runs {threads} thread{'s' if threads > 1 else ''}, which a fork would not have"
    torch = sys.modules.get("torch")
    if (torch is not None and torch.cuda.is_initialized()) or any("/dev/nvidia" in opened for opened in _open_files()):
        return "what it loaded has opened a GPU, which a fork cannot use"
    return ""


def _open_files() -> list[str]:
    links = []
    for fd in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(fd.readlink()))
        except FileNotFoundError:
            pass  # the one the list itself is read with
    return links


def _fork() -> int:
    """As `os.fork`, -1 where the system refuses. The new process leads a session and so a group before its pid is known to anybody."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    begun, tell = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        pid = -1
    if pid == 0:
        os.setsid()
        die_with(parent)
    os.close(tell)
    if pid > 0:
        os.read(begun, 1)  # nothing is written: this returns when the other side closes its end, or has ended
    os.close(begun)
    return pid


def _become(before: Path, directory: Path, lifeline: int, log: int) -> tuple[Path, int]:
    """Be what `python -m eureka.worker DIRECTORY` would have been. before: the directory this process was started with."""
    adopt_orphans()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.set_inheritable(lifeline, False)
    os.chdir(directory)
    sys.argv[1] = str(directory)
    sys.path[:] = [str(directory) if entry == str(before) else entry for entry in sys.path]
    random.seed()  # these two begin with the system's noise in a new process; torch's begins with a constant, as it still is
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    return directory, lifeline


def _end(pid: int, workers: set[int]) -> int:
    """Wait for a worker, kill what is left of its group, and reap it. Until here its pid, and its group's, is nobody else's."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # nothing is left
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    workers.discard(pid)
    kill_strays(workers)
    return code
