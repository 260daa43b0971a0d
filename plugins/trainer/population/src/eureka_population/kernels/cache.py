"""Where compiled kernels are kept. Knows nothing of numba, so that asking costs nothing."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import stat
import sys
from importlib.metadata import version
from pathlib import Path

_DONE = "all-compiled"
_OF_A_PROCESSOR = ("model name", "flags", "CPU implementer", "CPU part", "CPU variant", "Features")


@functools.cache
def directory() -> Path:
    """A directory of the user's alone: whoever could write there could have this process run anything. Raises OSError where there is none.

    Its name holds a hash of all kernels, for numba looks for changes in the file of the function alone, not of those that it calls; and of
    what else numba compiles anew for, so that `told` knows. No part of its path is a link: nobody can have it lead elsewhere later.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    try:
        base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "eureka", "numba")
    except RuntimeError as error:  # no home
        raise OSError(str(error)) from None
    files = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
    compiler = "\n".join((str(sys.implementation.cache_tag), version("numba"), _processor()))
    base.mkdir(parents=True, exist_ok=True)
    own = base.resolve() / hashlib.sha256(b"".join((*files, compiler.encode()))).hexdigest()[:16]
    own.mkdir(mode=0o700, exist_ok=True)
    found = own.lstat()  # a link's mode is open to all
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OSError(f"{own} is not the user's alone (owner {found.st_uid}, mode {found.st_mode & 0o777:o})")
    for parent in own.parents:
        above = parent.stat()
        by_others = above.st_mode & stat.S_IWOTH or (above.st_mode & stat.S_IWGRP and above.st_gid not in (0, os.getgid()))
        if above.st_uid not in (0, os.getuid()) or (by_others and not above.st_mode & stat.S_ISVTX):
            raise OSError(f"{parent} is another user's, or can be written by all or by another group, so {own.name} in it can be replaced")
    probe = own / f"probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return own


def _processor() -> str:
    """What tells one kind of processor from another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
    except OSError:
        lines = []
    return "\n".join((platform.machine(), *(line for line in lines if line.startswith(_OF_A_PROCESSOR))))


def compiled() -> None:
    """To be called once all kernels are: the next run need not be told that it takes a while."""
    try:
        (directory() / _DONE).touch()
    except OSError:
        pass  # nothing is kept


def told() -> list[str]:
    """What a user should know about compiling before training, a line each: nothing where the kernels are there."""
    try:
        own = directory()
    except OSError as error:
        return [
            "trainer: population compiles its kernels anew in each run, which takes about 15 s of a core. They cannot be kept: "
            f"{error}. Set NUMBA_CACHE_DIR to a directory that you alone can write to."
        ]
    if (own / _DONE).exists():
        return []
    return [f"trainer: population compiles its kernels, this once: that takes about 15 s of a core. They are kept in {own}."]
