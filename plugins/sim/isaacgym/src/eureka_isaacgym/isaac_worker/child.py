"""The worker's side of a process that simulates: asks it, waits, and tells how it ended where it gives no answer."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Dict

from .faults import RewardFault, Usage


class SimulatorEnded(Exception):
    """It ended, or was ended, without an answer. kind: crash, memory or hang."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotStarted(SimulatorEnded):
    """It ended before the task was made, and so before any candidate was there: the machine's doing."""


class Child:
    """A process that simulates. start: see `simulator.Simulator`. start_s: seconds it may take until the task is made."""

    def __init__(self, job: str, start: Dict[str, Any], start_s: float) -> None:
        ours, theirs = socket.socketpair()
        self._connection, self._buffer = ours, b""
        self._process = subprocess.Popen(
            [sys.executable, "-I", os.path.join(job, "isaac_worker"), job, "simulator"],
            env=dict(os.environ, EUREKA_SIMULATOR_FD=str(theirs.fileno())),
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        began = time.time()
        try:
            self.ask(start, start_s)
        except SimulatorEnded as ended:
            self.end()
            where = "sim.task: the simulator"
            if ended.kind == "hang":
                raise Usage("{} was not ready after {:g} s (sim.start_s) and was ended; see worker.log.".format(where, time.time() - began))
            raise NotStarted(ended.kind, "the simulator did not start: {}".format(ended))
        except BaseException:
            self.end()
            raise

    def ask(self, request: Dict[str, Any], seconds: float | None = None) -> Dict[str, Any]:
        """Its answer. Raises RewardFault or Usage where that is it, SimulatorEnded where there is none within `seconds`."""
        try:
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            line = self._line(seconds)
        except OSError:
            line = b""
        if not line:
            raise self._ended()
        answer = json.loads(line)
        if "usage" in answer:
            raise Usage(answer["usage"])
        if "fault" in answer:
            raise RewardFault(**answer["fault"])
        if "crash" in answer:
            raise SimulatorEnded("memory" if answer["memory"] else "crash", answer["crash"])
        return dict(answer)

    def end(self) -> None:
        """End it, whatever it does."""
        self._connection.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _line(self, seconds: float | None) -> bytes:
        until = None if seconds is None else time.time() + seconds
        while b"\n" not in self._buffer:
            left = None if until is None else max(0.0, until - time.time())
            if not select.select([self._connection], [], [], left)[0]:
                self._process.kill()
                self._process.wait()
                raise SimulatorEnded("hang", "gave no answer for {:g} s and was ended".format(seconds or 0.0))
            data = self._connection.recv(1 << 16)
            if not data:
                return b""
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _ended(self) -> SimulatorEnded:
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return SimulatorEnded("memory", "was killed from outside, most likely because the machine ran out of memory")
        if code < 0:
            return SimulatorEnded("crash", "the simulator's process was ended by {}".format(signal.Signals(-code).name))
        return SimulatorEnded("crash", "the simulator's process ended with code {}; see worker.log".format(code))
