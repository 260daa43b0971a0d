"""The interpreter that Eureka runs in."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from eureka.doctor.conflicts import of_this_python
from eureka.doctor.finding import Finding, Place


def check(place: Place) -> Iterator[Finding]:
    """Its version, where it is, and whether two packages of it are in each other's way."""
    in_venv = sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()
    where = f"in the environment {sys.prefix}" if in_venv else f"in no environment of its own ({sys.prefix})"
    found = f"{platform.python_version()}, {where}"
    if sys.platform == "linux":
        yield Finding("Python", "ok", found)
    else:
        means = "Rewards run in processes with sealed shared memory, which only Linux has."
        yield Finding("Python", "problem", f"{found}, on {platform.system()}", means, "Use Linux: a container, a virtual machine, WSL 2.")
    yield from of_this_python()
