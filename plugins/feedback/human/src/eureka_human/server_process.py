"""The web page in a process of its own, for a run that goes on meanwhile: without the host's keys, and gone when the host is."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from eureka.builtin.local import PASSED
from eureka.errors import ConfigError, RunStopped

_PATIENCE_S = 60.0
"""For a start: a busy machine takes seconds to import what a server needs."""
_END_S = 5.0


class ServerProcess:
    """A page that is being served. link: where, with the token."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: socket.socket, link: str) -> None:
        self.link = link
        self._process = process
        self._lifeline = lifeline

    @classmethod
    def start(cls, run_dir: Path, host: str = "127.0.0.1", port: int = 0, allow_hosts: Sequence[str] = ()) -> ServerProcess:
        """Start it and wait until it can be asked. port: 0 takes the one this run's page had before, else any that is free.

        It writes to `feedback/server.log` in the run's directory. Raises ConfigError where the address cannot be listened on, RunStopped
        where the server does not come up.
        """
        (run_dir / "feedback").mkdir(exist_ok=True)
        ours, theirs = socket.socketpair()
        with theirs, (run_dir / "feedback" / "server.log").open("ab", buffering=0) as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "eureka_human.web", str(run_dir.absolute()), host, str(port), *allow_hosts],
                env={name: value for name, value in os.environ.items() if name in PASSED} | {"EUREKA_LIFELINE_FD": str(theirs.fileno())},
                cwd=run_dir,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is the host's to hear
            )
        assert process.stdout is not None
        told = _first_line(process.stdout)
        server = cls(process, ours, told.get("link", ""))
        if not server.link:
            server.stop()
            if "error" in told:
                raise ConfigError(f"feedback: {told['error']}")
            raise RunStopped(
                f"The page for people did not come up; see {run_dir / 'feedback' / 'server.log'}. Go on with: eureka resume {run_dir}"
            )
        return server

    def lives(self) -> bool:
        """Whether it still serves."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and wait until it is gone. What people said is in the run's directory already."""
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._lifeline.close()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _first_line(output: IO[bytes]) -> dict[str, str]:
    """What the server says of how it came up; empty where it says nothing in time."""
    line, until = b"", time.monotonic() + _PATIENCE_S
    while not line.endswith(b"\n") and (left := until - time.monotonic()) > 0:
        if select.select([output], [], [], left)[0]:
            piece = os.read(output.fileno(), 4096)
            if not piece:
                break
            line += piece
    return json.loads(line) if line.endswith(b"\n") else {}
