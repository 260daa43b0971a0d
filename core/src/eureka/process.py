"""Which process is meant: a pid alone is reused, so start time, boot and host go with it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NamedTuple


class ProcessId(NamedTuple):
    """One process of one boot of one machine. `start`: clock ticks after boot (proc(5), stat field 22); empty where /proc is missing."""

    host: str
    boot: str
    pid: int
    start: str


def this_process() -> ProcessId:
    """The calling process."""
    return identify(os.getpid())


def identify(pid: int) -> ProcessId:
    """The process that has this pid now."""
    return ProcessId(socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), pid, _start_time(pid))


def is_alive(process: ProcessId) -> bool:
    """Whether exactly this process still runs. False where that cannot be known, so that no stranger is ever killed."""
    return bool(process.start) and identify(process.pid) == process


def _start_time(pid: int) -> str:
    # The second field is the command in parentheses and may hold spaces and parentheses itself.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] not in "ZX" else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
