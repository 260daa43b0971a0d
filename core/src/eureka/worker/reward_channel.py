"""One question and answer with a reward process: deadlines, and what its end means."""

from __future__ import annotations

import contextlib
import json
import math
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any, NoReturn

from eureka.builtin.outside_text import ERROR_LIMIT, one_line
from eureka.errors import IsolationMissing, RewardFailed
from eureka.process import state
from eureka.worker.confinement import explain
from eureka.worker.reward_process import MESSAGE_BYTES
from eureka.worker.zygote_client import Zygote

_LOOK_S = 0.1
"""A call that takes longer is looked at this often."""
_CAUSES: dict[int, str] = {
    signal.SIGKILL: "by the system for lack of memory, or by itself",
    signal.SIGSEGV: "it touched memory that is not its own: a recursion too deep, or a call of the system it relied on was refused",
    signal.SIGBUS: "the machine ran out of memory under it",
    signal.SIGSYS: "it made a call of the system that is forbidden",
    signal.SIGXCPU: "it used its CPU time up",
}


@dataclass(frozen=True, slots=True)
class RewardLimits:
    """What one candidate may use.

    memory: bytes it may allocate, beside the memory for inputs and outputs.
    cpu_s + cpu_s_per_row · B: its own CPU time for a call of B rows (or for loading).
    asleep_s: how much longer than that it may sleep, which a computation never does.
    A call that takes `wall_factor` times that plus `wall_s` seconds without using its CPU time up is the machine's fault.
    total_cpu_s + total_cpu_s_per_call · calls + total_cpu_s_per_row · rows: its own CPU time over all its calls so far. A reward that
    took all that each call may take would hold its neighbours up for hours; the rate per row is what the smoke check calls slow.
    """

    memory: int = 2 << 30
    cpu_s: float = 2.0
    cpu_s_per_row: float = 1e-5
    asleep_s: float = 2.0
    wall_factor: float = 10.0
    wall_s: float = 5.0
    total_cpu_s: float = 20.0
    total_cpu_s_per_call: float = 2e-3
    total_cpu_s_per_row: float = 5e-4


class Channel:
    """The worker's end of one reward process. After a failure the process is gone and `ask` raises that failure again."""

    def __init__(self, zygote: Zygote, pid: int, connection: socket.socket, limits: RewardLimits) -> None:
        self.pid = pid
        self._zygote = zygote
        self._socket = connection
        self._limits = limits
        self._ended: RewardFailed | None = None
        self._calls = self._rows = 0

    def greet(self) -> str:
        """The level of isolation that holds. To be called once, first: nothing the candidate wrote has run when it is sent.

        Raises IsolationMissing where isolation is required and does not hold, RewardFailed("resource") if nothing comes.
        """
        self._await(self._limits.cpu_s)
        data = self._receive()
        if not data:
            with contextlib.suppress(RewardFailed):
                self._died()
            self._over(RewardFailed("resource", "the reward process ended before it had loaded anything"))
        confinement = json.loads(data)
        if confinement["possible"]:
            self.close()
            raise IsolationMissing(explain(confinement))
        return str(confinement["level"])

    def raise_if_over(self) -> None:
        """Raise the failure that ended the process, if any did."""
        if self._ended is not None:
            raise self._ended

    def ask(self, request: dict[str, Any], rows: int) -> dict[str, Any]:
        """Send a request about a batch of `rows` rows and wait for the answer. Raises RewardFailed."""
        self.raise_if_over()
        self._calls, self._rows = self._calls + 1, self._rows + rows
        self._send(request)
        self._await(self._limits.cpu_s + self._limits.cpu_s_per_row * rows)
        data = self._receive()
        if not data:
            self._died()
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            self.fail("contract", "the reward's process sent an answer that cannot be read")
        elif "error" in answer:
            code = answer["error"] if answer["error"] in ("error", "contract", "memory") else "error"
            line = answer.get("line")
            self.fail(code, str(answer.get("message")), line if isinstance(line, int) and line > 0 else None)
        return answer

    def _send(self, request: dict[str, Any]) -> None:
        """Never waits: a process that does not read what it is asked would hold this one up outside of every deadline."""
        if select.select([self._socket], [], [], 0)[0]:
            if not self._receive():
                self._died()
            self.fail("contract", "the reward's process answered without being asked")
        try:
            self._socket.send(json.dumps(request).encode(), socket.MSG_DONTWAIT)
        except BlockingIOError:
            self.fail("contract", "the reward's process answers and does not read what it is asked")
        except ConnectionError:
            pass  # it is gone, which is what is read next

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(MESSAGE_BYTES)
        except ConnectionError:
            return b""

    def _await(self, cpu_s: float) -> None:
        """Wait until there is something to read. Deadlines count the process's own CPU time: a busy machine is not its fault.

        Nor is it the candidate's when the process was stopped or waits for the disk, as it does when the machine swaps; but one that
        sleeps has itself chosen to.
        """
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        wall_left = self._limits.wall_factor * cpu_s + self._limits.wall_s
        asleep_left = cpu_s + self._limits.asleep_s
        cpu_until, allowed = self.cpu_s() + cpu_s, f"{cpu_s:.3g} s of CPU time"
        limits = self._limits
        total = limits.total_cpu_s + limits.total_cpu_s_per_call * self._calls + limits.total_cpu_s_per_row * self._rows
        if total < cpu_until:
            cpu_until, allowed = total, f"{total:.3g} s of CPU time over its {self._calls:,} calls so far"
        while True:
            cpu_left = cpu_until - self.cpu_s()
            if cpu_left <= 0:
                self.fail("timeout", f"the reward took more than {allowed}; expected operations on whole arrays without long loops")
            if wall_left <= 0:
                self.fail("resource", "the reward process got too little CPU time to answer")
            if asleep_left <= 0:
                self.fail("timeout", "the reward waited instead of computing; expected arithmetic: no sleep, no lock, nothing to read")
            wait = min(cpu_left, wall_left, _LOOK_S)
            started = time.monotonic()
            if poll.poll(math.ceil(wait * 1000)):
                return
            # At most what was waited for: had this process itself been stopped, its clock would have run on.
            passed = min(time.monotonic() - started, wait)
            wall_left -= passed
            if state(self.pid) == "S":
                asleep_left -= passed

    def cpu_s(self) -> float:
        """CPU seconds the process has used; 0 once it has ended, which the socket then tells."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of a whole process, as clock_getcpuclockid(3) makes it
        except OSError:
            return 0.0

    def fail(self, code: str, message: str, line: int | None = None, row: int | None = None) -> NoReturn:
        """End the process and raise. The message may hold what the candidate wrote: it is cleaned and cut here."""
        with contextlib.suppress(RewardFailed):  # without a zygote the process is gone already
            self._reap(grace=0.0)
        self._over(RewardFailed(code, one_line(message, ERROR_LIMIT), line, row))

    def close(self) -> None:
        """End the process."""
        if self._ended is None:
            with contextlib.suppress(RewardFailed):
                self._reap(grace=0.0)
            self._ended = RewardFailed("resource", "the reward process was closed")

    def _died(self) -> NoReturn:
        """The process closed its end without an answer: raise what its wait status says."""
        try:
            status, killed = self._reap(grace=1.0)
        except RewardFailed as error:
            self._over(error)
        number = status & 0x7F
        if killed:
            failure = RewardFailed("error", "the reward's process closed its connection")
        elif number:
            cause = _CAUSES.get(number, signal.strsignal(number) or "unknown")
            failure = RewardFailed("killed", f"the reward's process was killed by signal {number} ({cause})")
        else:
            failure = RewardFailed("error", f"the reward's process exited with status {status >> 8}")
        self._over(failure)

    def _over(self, failure: RewardFailed) -> NoReturn:
        self._ended = failure
        raise failure

    def _reap(self, grace: float) -> tuple[int, bool]:
        self._socket.close()
        return self._zygote.end(self.pid, grace)
