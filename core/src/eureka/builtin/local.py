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

from eureka.builtin.gpu_placement import GpuPlacement
from eureka.builtin.local_handles import LocalHandle, PlacedHandle, WarmParent
from eureka.cgroups import available_cores
from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.hookspecs import WORKER, JobHandle, JobRequest, WarmHandle
from eureka.job_types import Job
from eureka.process import ProcessId, group_lives

PASSED = frozenset(
    """PATH HOME USER LANG LANGUAGE LC_ALL LC_CTYPE TMPDIR TZ VIRTUAL_ENV PYTHONPATH LD_LIBRARY_PATH CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER
    CUDA_HOME DISPLAY XAUTHORITY WAYLAND_DISPLAY XDG_RUNTIME_DIR
    MUJOCO_GL PYOPENGL_PLATFORM SDL_VIDEODRIVER SDL_AUDIODRIVER NUMBA_CACHE_DIR XDG_CACHE_HOME SYSTEMROOT""".split()  # noqa: SIM905
)
"""All a worker sees of the host's environment. Keys, tokens and whatever else a shell holds stay behind."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_ON_GPU = ("describe", "train", "measure", "evaluate", "render")
"""Jobs that make an environment or a policy. Of core's own workers the others need the GPU neither of a simulator nor of a trainer.
What checks in a simulator's own worker may, but stays for a whole search: in the one place there is it would keep all trainings waiting."""


class LocalExecutor(Component):
    """Run workers on this machine, a cohort of trials per slot and a core per slot."""

    class Options(BaseOptions):
        slots: int | None = Field(
            None, ge=1, description="Workers at once; default: one per core this process may use, by a container's quota of time, too."
        )
        gpu_memory_gb: float | None = Field(
            None,
            gt=0,
            allow_inf_nan=False,
            description="Memory each job takes on a GPU at most, in 10^9 bytes, where simulator or trainer use one: it is given one of "
            "the devices in CUDA_VISIBLE_DEVICES (default: all), and waits until one has that much. null: jobs are not placed and see all.",
        )
        stall_s: float = Field(300.0, gt=0, description="A worker that makes no environment step for this many seconds is killed.")
        env: tuple[str, ...] = Field((), description="More environment variables of the host that workers may see, by name.")

    options: Options

    @property
    def slots(self) -> int:
        """How many workers run at once. Raises ConfigError where there is no GPU for them and `gpu_memory_gb` asks for one."""
        slots = self.options.slots or available_cores()
        return slots if self._gpus is None else min(slots, self._gpus.slots())

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._warm: WarmParent | None = None
        self._warm_env: dict[str, str] = {}
        self._gpus = None if options.gpu_memory_gb is None else GpuPlacement(options.gpu_memory_gb)

    @hookimpl
    def eureka_has_room(self, job: Job) -> bool:
        """Whether a GPU has room for a job that is to be given one."""
        return self._gpus is None or job.op not in _ON_GPU or self._gpus.has_room(job.alone)

    @hookimpl
    def eureka_submit(self, request: JobRequest) -> JobHandle:
        """Start the worker in a session of its own, tied to this process by a socket whose end it watches.

        It is forked from the process that is warm where there is one and the worker would have been started with the same environment.
        """
        with (request.dir / "worker.log").open("wb", buffering=0) as log:
            if self._gpus is not None and request.job.op in _ON_GPU:
                return self._placed(request, log, self._gpus)
            if request.argv == WORKER and self._warm is not None and self._warm.ready(0) and self._warm_env == self._env(request):
                forked = self._warm.fork(request.dir, log.fileno())
                if not isinstance(forked, str):
                    return forked
                log.write(f"eureka: started anew, not forked: {forked}\n".encode())
            return LocalHandle(*self._start(request, log, socket.SOCK_STREAM), request.dir)

    @hookimpl
    def eureka_keep_warm(self, request: JobRequest) -> WarmHandle | None:
        """Start the process that workers with the same environment are forked from; none where each is to see a GPU of its own."""
        if self._gpus is not None:
            return None
        with (request.dir / "worker.log").open("wb", buffering=0) as log:
            self._warm = WarmParent(*self._start(request, log, socket.SOCK_SEQPACKET), request.dir)
        self._warm_env = self._env(request)
        return self._warm

    def _placed(self, request: JobRequest, log: IO[bytes], gpus: GpuPlacement) -> JobHandle:
        promise = gpus.take(request.job.alone)
        log.write(f"eureka: on {promise.gpu}{', alone' if promise.alone else ''}\n".encode())
        try:
            started = self._start(request, log, socket.SOCK_STREAM, gpu=promise.gpu.uuid)
        except OSError:
            gpus.give_back(promise)
            raise
        return PlacedHandle(*started, request.dir, lambda: gpus.give_back(promise))

    def _start(
        self, request: JobRequest, log: IO[bytes], kind: socket.SocketKind, gpu: str = ""
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        with theirs:
            process = subprocess.Popen(
                [*request.argv, str(request.dir)],
                env=self._env(request) | {"EUREKA_LIFELINE_FD": str(theirs.fileno())} | ({"CUDA_VISIBLE_DEVICES": gpu} if gpu else {}),
                cwd=request.dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        return process, ours

    def _env(self, request: JobRequest) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name in PASSED or name in self.options.env}
        if env.get("NUMBA_CACHE_DIR"):  # a worker's own directory is its job's, where nothing would be found again
            env["NUMBA_CACHE_DIR"] = os.path.abspath(env["NUMBA_CACHE_DIR"])  # noqa: PTH100
        return env | dict.fromkeys(_THREADS, str(request.job.threads))


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
