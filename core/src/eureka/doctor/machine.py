"""Cores, memory and disk, as far as this process may use them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from eureka.cgroups import available_cores, cpu_quota, memory_limit
from eureka.doctor.finding import Finding, Place
from eureka.run import MIN_FREE_BYTES


def check(place: Place) -> Iterator[Finding]:
    """A line each. Runs are kept below the current folder unless told otherwise, so that is the disk."""
    quota, all_cores = cpu_quota(place.root), os.cpu_count() or 1
    quota_words = f"; its control group leaves it the time of {quota:g}" if quota is not None else ""
    yield Finding("cores", "ok", f"{available_cores(place.root)} of {all_cores} may be used, a worker each{quota_words}")
    yield _memory(place.root)
    yield _disk(Path.cwd())


def _memory(root: Path) -> Finding:
    text = (root / "proc/meminfo").read_text()
    total, free = (
        int(match[1]) * 1024 if (match := re.search(rf"{name}:\s+(\d+) kB", text)) else 0 for name in ("MemTotal", "MemAvailable")
    )
    limit = memory_limit(root)
    capped = f"; its control group may take {limit / 1e9:.1f} GB" if limit is not None and limit < total else ""
    return Finding("memory", "ok", f"{free / 1e9:.1f} GB of {total / 1e9:.1f} GB are free{capped}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB are free in {folder}"
    if free >= MIN_FREE_BYTES:
        return Finding("disk", "ok", found)
    means = f"A run needs at least {MIN_FREE_BYTES / 1e6:.0f} MB where its directory is."
    return Finding("disk", "problem", found, means, "Make room, or give runs another place: eureka run … --run-dir DIR")
