"""The share of the machine that this process may use: cores and memory, as a container's or a job scheduler's control group caps them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_MOUNTS = {"cpu": ("cpu", "cpu,cpuacct", "cpuacct,cpu"), "memory": ("memory",)}
"""Where version 1 has a controller, below /sys/fs/cgroup."""


def available_cores(root: Path = Path("/")) -> int:
    """Cores this process may use at once: those it may run on (`taskset`, a cpuset), or fewer by a quota of time, rounded up; at least 1.

    root: of the file system that /proc and /sys are read from.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota(root)
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Cores' worth of time that the control groups around this process leave it, the least of them; None without a cap."""
    found = []
    for folder in _folders(root, "cpu"):
        quota, period = [*_read(folder / "cpu.max").split(), "", ""][:2]
        if not quota:
            quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(quota) and int(period):  # "max" or -1: no cap
            found.append(int(quota) / int(period))
    return min(found, default=None)


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes of memory that the control groups around this process leave it, the least of them; None without a cap."""
    found = []
    for folder in _folders(root, "memory"):
        limit = _read(folder / "memory.max") or _read(folder / "memory.limit_in_bytes")
        if limit.isdigit() and int(limit) < 1 << 60:  # version 1 writes "no cap" as the largest number of pages there can be
            found.append(int(limit))
    return min(found, default=None)


def _folders(root: Path, controller: str) -> Iterator[Path]:
    """The groups around this process, from its own out to the outermost that can be seen, in whichever version has the controller."""
    top = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if number == "0":
            mounts = [top, top / "unified"]
        elif controller in names.split(","):
            mounts = [top / name for name in _MOUNTS[controller]]
        else:
            continue
        own = path.strip("/")
        for mount in mounts:
            # In a container the path may be the machine's, of which only the last part, the container's own group, is mounted.
            group = mount / own
            yield from (folder for folder in (group, *group.parents) if folder == mount or mount in folder.parents)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
