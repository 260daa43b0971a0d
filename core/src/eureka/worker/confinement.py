"""Confine a reward process, layer by layer, and say how well that went. Standard library only: the zygote imports it."""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eureka.process import die_with
from eureka.worker import landlock, seccomp, self_test
from eureka.worker.system_calls import gain_no_privileges, keep_capabilities

SOCKET = 3
"""The one descriptor a reward process has besides 0, 1 and 2, which are /dev/null."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a process is confined.

    level: the layers that hold, strongest first, joined by `+`; `none` without any. missing: layer → why it could not be had.
    possible: what the self-test was not refused; looked at only where isolation is required.
    """

    level: str
    missing: dict[str, str]
    possible: list[str]


def confine(isolation: str, fd: int, parent: int, memory: int, without: Collection[str] = ()) -> Confinement:
    """Confine the calling process, which was forked by `parent` and has one thread. Cannot be undone.

    isolation: `require`, `best-effort` or `none` (see `eureka.types.Isolation`). fd: its socket, which becomes SOCKET.
    memory: bytes it may allocate. without: layers to leave out as if the system did not have them.
    """
    die_with(parent)
    _limit(resource.RLIMIT_AS, _in_use() + memory)
    _limit(resource.RLIMIT_CORE, 0)
    _keep_one_descriptor(fd)
    if isolation == "none":
        return Confinement("none", {}, [])
    gain_no_privileges()
    # No module can be read from disk any more; without finders that is told as "No module named …".
    sys.meta_path.clear()
    # In this order: each needs what the next takes away.
    layers = {"landlock": landlock.apply, "limits": _limit_and_drop, "seccomp": seccomp.apply}
    missing = {}
    for name, apply in layers.items():
        try:
            if name in without:
                raise OSError("left out")
            apply()
        except OSError as error:
            missing[name] = error.strerror or str(error)
    level = "+".join(name for name in ("seccomp", "landlock", "limits") if name not in missing) or "none"
    return Confinement(level, missing, self_test.not_refused(parent) if isolation == "require" else [])


def explain(confinement: dict[str, Any]) -> str:
    """The message for a user whose machine cannot confine as required. confinement: the fields of a `Confinement`."""
    missing = "; ".join(f"{layer} is missing ({reason})" for layer, reason in confinement["missing"].items())
    return (
        f"`isolation: require` cannot be met here: {missing or 'no layer is missing'}, and a reward process was not refused: "
        f"{', '.join(confinement['possible'])}. No generated code has run. "
        "Run where the kernel has seccomp filters (Linux on x86_64 or aarch64, not inside gVisor), "
        "or set `isolation: best-effort`, only for programs you trust."
    )


def _in_use() -> int:
    """Bytes of address space; the memory for inputs and outputs is in it."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * mmap.PAGESIZE


def _keep_one_descriptor(fd: int) -> None:
    os.dup2(fd, SOCKET)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    for name in [entry.name for entry in Path("/proc/self/fd").iterdir()]:
        if int(name) > SOCKET:
            with contextlib.suppress(OSError):  # the listing's own descriptor
                os.close(int(name))


def _limit_and_drop() -> None:
    for limit in (
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NPROC,
        # What is open works on, but nothing can be opened, connected or duplicated, whatever the candidate closes.
        resource.RLIMIT_NOFILE,
    ):
        _limit(limit, 0)
    # Limits bind root only when it cannot raise them again. For everybody else there is nothing to drop.
    keep_capabilities()


def _limit(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))
