"""Runs workers as processes of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from pathlib import Path

from pydantic import Field

from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.files import write_atomically
from eureka.hookspecs import JobHandle, JobRequest
from eureka.job_types import JobExit
from eureka.process import ProcessId, descendants, group_lives, identify, is_alive

# All a worker sees of the host's environment. Keys, tokens and whatever else a shell holds stay behind.
_PASSED = frozenset(
    """PATH HOME USER LANG LANGUAGE LC_ALL LC_CTYPE TMPDIR TZ VIRTUAL_ENV PYTHONPATH LD_LIBRARY_PATH DISPLAY CUDA_VISIBLE_DEVICES
    CUDA_HOME MUJOCO_GL PYOPENGL_PLATFORM SDL_VIDEODRIVER NUMBA_CACHE_DIR XDG_CACHE_HOME SYSTEMROOT""".split()  # noqa: SIM905
)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class LocalExecutor(Component):
    """Run workers on this machine, a cohort of trials per slot and a core per slot."""

    class Options(BaseOptions):
        slots: int | None = Field(None, ge=1, description="Workers at once; default: one per core this process may use.")
        stall_s: float = Field(300.0, gt=0, description="A worker that makes no environment step for this many seconds is killed.")
        env: tuple[str, ...] = Field((), description="More environment variables of the host that workers may see, by name.")

    options: Options

    @property
    def slots(self) -> int:
        """How many workers run at once."""
        return self.options.slots or available_cores()

    @hookimpl
    def eureka_submit(self, request: JobRequest) -> JobHandle:
        """Start the worker in a session of its own, tied to this process by a socket whose end it watches."""
        ours, theirs = socket.socketpair()
        env = {name: value for name, value in os.environ.items() if name in _PASSED or name in self.options.env}
        env |= dict.fromkeys(_THREADS, str(request.job.threads)) | {"EUREKA_LIFELINE_FD": str(theirs.fileno())}
        with theirs, (request.dir / "worker.log").open("wb") as log:
            process = subprocess.Popen(
                [*request.argv, str(request.dir)],
                env=env,
                cwd=request.dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        write_atomically(request.dir / "process.json", json.dumps(identify(process.pid)._asdict()))
        return LocalHandle(process, ours, request.dir)


class LocalHandle:
    """A worker on this machine, with all the processes it started: they share its process group."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: socket.socket, directory: Path) -> None:
        self._process = process
        self._lifeline = lifeline
        self._dir = directory

    def fileno(self) -> int:
        """Readable once the worker has ended: its end of the lifeline closes."""
        return self._lifeline.fileno()

    def wait(self) -> JobExit:
        # Look without reaping: while the leader is unreaped its group id cannot be another's, so killing the group is safe.
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self._signal(signal.SIGKILL)
        code = self._process.wait()
        self._lifeline.close()
        (self._dir / "process.json").unlink(missing_ok=True)
        with (self._dir / "worker.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            tail = log.read().decode(errors="replace")
        return JobExit(returncode=code if code >= 0 else None, signal=-code if code < 0 else None, stderr_tail=tail)

    def kill(self) -> None:
        # A worker adopts what its children leave behind; what has left its group is found only as long as it is there.
        strays = descendants(self._process.pid) if self._process.returncode is None else []
        self._signal(signal.SIGKILL)
        for stray in strays:
            if is_alive(stray):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(stray.pid, signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                pass  # it ended and nothing of its group is left


def available_cores() -> int:
    """Cores this process may run on, which a container or `taskset` makes fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kill_leftovers(jobs_dir: Path) -> int:
    """Kill workers a dead host left behind, or what a dead worker left of its group; returns how many groups were.

    Only exactly the processes that were started are touched.
    """
    killed = 0
    for path in jobs_dir.glob("*/process.json"):
        try:
            process = ProcessId(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            continue
        if group_lives(process):
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        path.unlink(missing_ok=True)
    return killed
