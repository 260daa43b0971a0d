"""A doorbell beside a file that another process appends to: whoever reads the file need not look again and again."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path


class Doorbell:
    """A named pipe without a message. Where there is none, nobody is woken: a reader looks now and then all the same.

    path: of the pipe, made here unless it is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with contextlib.suppress(OSError):  # it is there already, or the disk has no named pipes
            os.mkfifo(path, 0o600)
        # For reading and writing: opening does not wait for the other side, and its end is no end of file.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC) if path.is_fifo() else -1

    def fds(self) -> list[int]:
        """What is readable once it was rung, for a wait on several things."""
        return [self._fd] if self._fd >= 0 else []

    def ring(self) -> None:
        """Wake whoever waits, or will wait next."""
        with contextlib.suppress(BlockingIOError):  # rung more often than was listened to
            if self._fd >= 0:
                os.write(self._fd, b"\n")

    def wait(self, seconds: float) -> None:
        """Return when it was rung since the last wait, or after `seconds`."""
        select.select(self.fds(), [], [], seconds)
        self.heard()

    def heard(self) -> None:
        """Forget that it was rung."""
        with contextlib.suppress(BlockingIOError):
            if self._fd >= 0:
                os.read(self._fd, 1 << 16)

    def close(self) -> None:
        """Free the descriptor."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def remove(self) -> None:
        """Close it and take the pipe away: a folder that holds one cannot be copied by every tool."""
        self.close()
        self._path.unlink(missing_ok=True)
