"""Runs workers as processes of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from pydantic import Field

from eureka.builtin.local_handles import LocalHandle, WarmParent
from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.hookspecs import WORKER, JobHandle, JobRequest, WarmHandle
from eureka.process import ProcessId, group_lives

# All a worker sees of the host's environment. Keys, tokens and whatever else a shell holds stay behind.
_PASSED = frozenset(
    """PATH HOME USER LANG LANGUAGE LC_ALL LC_CTYPE TMPDIR TZ VIRTUAL_ENV PYTHONPATH LD_LIBRARY_PATH CUDA_VISIBLE_DEVICES CUDA_HOME
    DISPLAY XAUTHORITY WAYLAND_DISPLAY XDG_RUNTIME_DIR
    MUJOCO_GL PYOPENGL_PLATFORM SDL_VIDEODRIVER SDL_AUDIODRIVER NUMBA_CACHE_DIR XDG_CACHE_HOME SYSTEMROOT""".split()  # noqa: SIM905
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

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._warm: WarmParent | None = None
        self._warm_env: dict[str, str] = {}

    @hookimpl
    def eureka_submit(self, request: JobRequest) -> JobHandle:
        """Start the worker in a session of its own, tied to this process by a socket whose end it watches.

        It is forked from the process that is warm where there is one and the worker would have been started with the same environment.
        """
        with (request.dir / "worker.log").open("wb", buffering=0) as log:
            if request.argv == WORKER and self._warm is not None and self._warm.ready(0) and self._warm_env == self._env(request):
                forked = self._warm.fork(request.dir, log.fileno())
                if not isinstance(forked, str):
                    return forked
                log.write(f"eureka: started anew, not forked: {forked}\n".encode())
            return LocalHandle(*self._start(request, log, socket.SOCK_STREAM), request.dir)

    @hookimpl
    def eureka_keep_warm(self, request: JobRequest) -> WarmHandle:
        """Start the process that workers with the same environment are forked from."""
        with (request.dir / "worker.log").open("wb", buffering=0) as log:
            self._warm = WarmParent(*self._start(request, log, socket.SOCK_SEQPACKET), request.dir)
        self._warm_env = self._env(request)
        return self._warm

    def _start(self, request: JobRequest, log: IO[bytes], kind: socket.SocketKind) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        with theirs:
            process = subprocess.Popen(
                [*request.argv, str(request.dir)],
                env=self._env(request) | {"EUREKA_LIFELINE_FD": str(theirs.fileno())},
                cwd=request.dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        return process, ours

    def _env(self, request: JobRequest) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name in _PASSED or name in self.options.env}
        if env.get("NUMBA_CACHE_DIR"):  # a worker's own directory is its job's, where nothing would be found again
            env["NUMBA_CACHE_DIR"] = os.path.abspath(env["NUMBA_CACHE_DIR"])  # noqa: PTH100
        return env | dict.fromkeys(_THREADS, str(request.job.threads))


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
