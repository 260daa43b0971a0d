"""The worker's side of the zygote: start it, have it fork, have it end what it forked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from eureka.errors import EurekaError, RewardFailed
from eureka.types import ArrayLibrary, Isolation
from eureka.worker.memory import SharedMemory

_PATIENCE_S = 60.0
"""The zygote answers in milliseconds once it is up; beyond this the machine is at fault."""


class Zygote:
    """One zygote process, started on first use and again should it be gone. Not thread-safe.

    isolation, without: how its children are confined, see `eureka.worker.confinement.confine`. library: what rewards are written with.
    Every method raises RewardFailed("resource") when the zygote cannot do its part.
    """

    def __init__(self, isolation: Isolation, without: Sequence[str] = (), library: ArrayLibrary = "numpy") -> None:
        self._children = {"isolation": isolation, "without": list(without), "library": library}
        self._library = library
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def fork(self, memory: int, files: Sequence[SharedMemory]) -> tuple[int, socket.socket]:
        """A new child that may allocate `memory` bytes: its pid and the worker's end of its socket.

        files: the candidate's code, memory for inputs, memory for outputs; their descriptors may be closed afterwards.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            request = {"fork": {**self._children, "memory": memory, "sizes": [file.size for file in files]}}
            pid = self._ask(request, [theirs.fileno(), *(file.fd for file in files)])["pid"]
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return int(pid), ours

    def end(self, pid: int, grace: float) -> tuple[int, bool]:
        """Wait `grace` seconds for a child to end, then kill it. Returns its wait status and whether it had to be killed."""
        if self._socket is None:
            raise RewardFailed("resource", "the process that starts rewards is gone")
        answer = self._ask({"end": pid, "grace": grace}, [])
        return int(answer["status"]), bool(answer["killed"])

    def close(self) -> None:
        """End the zygote and, with it, every child."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _ask(self, request: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        connection = self._socket or self._start()
        try:
            socket.send_fds(connection, [json.dumps(request).encode()], fds)
            data = connection.recv(4096)
        except OSError:  # it is gone, or did not answer in time
            data = b""
        if not data:
            self.close()
            raise RewardFailed("resource", "the process that starts rewards ended or does not answer")
        answer: dict[str, Any] = json.loads(data)
        if "error" in answer:
            raise RewardFailed("resource", f"no reward process could be started or ended: {answer['error']}")
        return answer

    def _start(self) -> socket.socket:
        if sys.platform != "linux":
            raise EurekaError(f"Rewards run in a process of their own, which needs Linux; this is {sys.platform}.")
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_PATIENCE_S)
        # Nothing of the worker's environment goes in: no key, no HOME. The seed of `hash` is fixed so that a reward
        # which sums over a set gives the same number in every run.
        environment = {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONCOERCECLOCALE": "0",
            "PYTHONSAFEPATH": "1",
        }
        if "LD_LIBRARY_PATH" in os.environ:  # some Pythons do not start without; the zygote forgets it at once
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        # The system would end the zygote with the thread that starts it, not with the process: only the main one lasts as long.
        parent = os.getpid() if threading.current_thread() is threading.main_thread() else 0
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", "eureka.worker.zygote", str(theirs.fileno()), str(parent), self._library],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                pass_fds=(theirs.fileno(),),
            )
        return self._socket
