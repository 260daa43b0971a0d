"""Which process is meant, who belongs to it, and how to leave none behind. Standard library only: the zygote imports it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class ProcessId(NamedTuple):
    """One process of one boot of one machine: a pid alone is reused. `start`: clock ticks after boot (proc(5), stat field 22);
    empty where /proc is missing."""

    host: str
    boot: str
    pid: int
    start: str


class _Stat(NamedTuple):
    state: str
    parent: int
    group: int
    session: int
    start: int


def this_process() -> ProcessId:
    """The calling process."""
    return identify(os.getpid())


def identify(pid: int) -> ProcessId:
    """The process that has this pid now."""
    stat = _living(pid)
    return ProcessId(socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), pid, str(stat.start) if stat else "")


def is_alive(process: ProcessId) -> bool:
    """Whether exactly this process still runs. False where that cannot be known, so that no stranger is ever killed."""
    return bool(process.start) and identify(process.pid) == process


def group_lives(leader: ProcessId) -> bool:
    """Whether a process that began a session, or any that stayed in its group, still runs. False where that cannot be known."""
    now = identify(leader.pid)
    if now.start:
        return now == leader
    if not leader.start or now[:3] != leader[:3]:
        return False
    # The number of a group with members is given to nobody else, so these are the leader's, unless all of them ended, another
    # session began under the same number and its leader ended too: nothing more can be asked for, and all of that at once is rare.
    stats = (_living(int(entry.name)) for entry in Path("/proc").glob("[0-9]*"))
    return any(s.group == s.session == leader.pid and s.start >= int(leader.start) for s in stats if s)


def state(pid: int) -> str:
    """One letter, proc(5): R wants the processor or has it, S sleeps, D waits for the disk, T is stopped. Empty: there is none."""
    stat = _stat(pid)
    return stat.state if stat else ""


def die_with(parent: int) -> None:
    """Have the system kill the calling process when the thread that started it ends. parent: its pid; it may be gone already."""
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)


def die_with_parent() -> None:
    """As `die_with`, for a caller with other means to notice that its parent was gone before."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """From now on whoever descends from the calling process and loses its parent becomes its child, daemons too (prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_strays(known: Collection[int] = (), patience_s: float = 5.0) -> None:
    """Kill and reap the calling process's children other than `known`, and their children as they are adopted, until none comes."""
    until = time.monotonic() + patience_s
    while (strays := [pid for pid in children(os.getpid()) if pid not in known]) and time.monotonic() < until:
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pid in strays:
            # A process the system cannot end now (it waits for a disk) must not hold this one up.
            while _is_unreaped(pid) and time.monotonic() < until:
                time.sleep(0.001)


def children(pid: int) -> list[int]:
    """The processes a process is the parent of, ended ones it has not reaped among them; none where /proc is missing."""
    lists = [_read(str(path)) for path in Path(f"/proc/{pid}/task").glob("*/children")]
    if lists:
        return [int(child) for line in lists for child in line.split()]
    return list(_children_by_search(pid))


def descendants(pid: int) -> list[ProcessId]:
    """The children of a process, theirs, and so on."""
    found = []
    for child in children(pid):
        found += [identify(child), *descendants(child)]
    return found


def _children_by_search(pid: int) -> Iterator[int]:
    """For a kernel without CONFIG_PROC_CHILDREN."""
    for entry in Path("/proc").glob("[0-9]*"):
        stat = _stat(int(entry.name))
        if stat is not None and stat.parent == pid:
            yield int(entry.name)


def _is_unreaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _living(pid: int) -> _Stat | None:
    stat = _stat(pid)
    return stat if stat is not None and stat.state not in "ZX" else None


def _stat(pid: int) -> _Stat | None:
    # The second field is the command in parentheses and may hold spaces and parentheses itself.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return _Stat(fields[0], *map(int, (*fields[1:4], fields[19]))) if len(fields) > 19 else None


def _read(path: str) -> str:
    try:
        return Path(path).read_bytes().decode(errors="replace").strip()
    except OSError:
        return ""


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
