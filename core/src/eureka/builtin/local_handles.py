"""Workers on this machine, as the host holds them: started anew, or forked from a process that is warm."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from eureka.files import write_atomically
from eureka.job_types import JobExit
from eureka.process import ProcessId, descendants, identify, is_alive

_PATIENCE_S = 60.0
"""A process that is warm forks in milliseconds; beyond this the machine is at fault."""
KILLED = -int(signal.SIGKILL)


class LocalHandle:
    """A worker started anew, with all the processes it started: they share its process group."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: socket.socket, directory: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._lifeline = lifeline
        self._dir = directory
        write_atomically(directory / "process.json", json.dumps(identify(self.pid)._asdict()))

    def fileno(self) -> int:
        """Readable once the worker has ended: its end of the lifeline closes."""
        return self._lifeline.fileno()

    def wait(self) -> JobExit:
        code = self._reap()
        self._lifeline.close()
        (self._dir / "process.json").unlink(missing_ok=True)
        with (self._dir / "worker.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            tail = log.read().decode(errors="replace")
        return JobExit(returncode=code if code >= 0 else None, signal=-code if code < 0 else None, stderr_tail=tail)

    def kill(self) -> None:
        # A worker adopts what its children leave behind; what has left its group is found only as long as it is there.
        strays = descendants(self.pid) if self._is_ours() else []
        self._signal(signal.SIGKILL)
        for stray in strays:
            if is_alive(stray):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(stray.pid, signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _reap(self) -> int:
        # Look without reaping: while the leader is unreaped its group id cannot be another's, so killing the group is safe.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._signal(signal.SIGKILL)
        return self._process.wait()

    def _is_ours(self) -> bool:
        """Whether its pid is still its own: it has not been reaped."""
        return self._process.returncode is None

    def _signal(self, number: int) -> None:
        if self._is_ours():
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                pass  # it ended and nothing of its group is left


class PlacedHandle(LocalHandle):
    """A worker that holds a share of a GPU. ended: called once nothing of the worker is left."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: socket.socket, directory: Path, ended: Callable[[], None]) -> None:
        super().__init__(process, lifeline, directory)
        self._ended = ended

    def wait(self) -> JobExit:
        try:
            return super().wait()
        finally:
            self._ended()


class WarmParent(LocalHandle):
    """The process that workers are forked from (`eureka.worker.warm`); its lifeline is the socket it is asked through."""

    def __init__(self, process: subprocess.Popen[bytes], connection: socket.socket, directory: Path) -> None:
        super().__init__(process, connection, directory)
        self._ready = False
        connection.settimeout(_PATIENCE_S)

    def ready(self, seconds: float) -> bool:
        if not self.lives():  # its socket is closed once its end was waited for
            return False
        if not self._ready and select.select([self._lifeline], [], [], seconds)[0]:
            self._ready = "ready" in self._receive()
        return self._ready and self.lives()

    def lives(self) -> bool:
        return self._is_ours() and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def fork(self, directory: Path, log: int) -> ForkedHandle | str:
        """A worker on the job in a directory, or why there is none; once `ready`. log: a descriptor, to be closed afterwards."""
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self._ask({"fork": str(directory)}, [theirs.fileno(), log])
        if "pid" in answer:
            return ForkedHandle(self, int(answer["pid"]), ours, directory)
        ours.close()
        return str(answer.get("refused", "it has ended"))

    def end(self, worker: ProcessId) -> int | None:
        """Wait until a worker has ended, and end its group: its exit code as in `subprocess.Popen`; None where this process has ended.

        A worker that has let go of its lifeline and still runs a minute later is killed.
        """
        asked = self._send({"end": worker.pid}, [])
        # This process does not answer before the worker ends: the fault is the worker's, and the others need this process.
        if asked and not select.select([self._lifeline], [], [], _PATIENCE_S)[0] and is_alive(worker):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
        return self._receive().get("code") if asked else None

    def _ask(self, request: dict[str, object], fds: list[int]) -> dict[str, int]:
        return self._receive() if self._send(request, fds) else {}

    def _send(self, request: dict[str, object], fds: list[int]) -> bool:
        if not self.lives():
            return False
        try:
            socket.send_fds(self._lifeline, [json.dumps(request).encode()], fds)
        except OSError:
            return False
        return True

    def _receive(self) -> dict[str, int]:
        try:
            data = self._lifeline.recv(1 << 16)
        except TimeoutError:
            self.kill()
            data = b""
        except OSError:
            data = b""
        answer: dict[str, int] = json.loads(data) if data else {}
        return answer


class ForkedHandle(LocalHandle):
    """A worker forked from a process that is warm, which is its parent and ends it with its own end."""

    def __init__(self, parent: WarmParent, pid: int, lifeline: socket.socket, directory: Path) -> None:
        self.pid = pid
        self._parent = parent
        self._lifeline = lifeline
        self._dir = directory
        self._reaped = False
        self._worker = identify(pid)
        write_atomically(directory / "process.json", json.dumps(self._worker._asdict()))

    def _reap(self) -> int:
        code = self._parent.end(self._worker)
        self._reaped = True
        if code is None:  # the system ends it with its parent, by a signal that cannot be caught
            self._lifeline.recv(1)
            return KILLED
        return code

    def _is_ours(self) -> bool:
        return not self._reaped and self._parent.lives()
