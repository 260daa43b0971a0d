"""Where compiled kernels are kept. Knows nothing of numba, so that asking costs nothing."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from pathlib import Path

_DONE = "all-compiled"


@functools.cache
def directory() -> Path:
    """A directory of the user's alone: whoever could write there could have this process run anything. Raises OSError where there is none.

    Its name holds a hash of all kernels, for numba looks for changes in the file of the function alone, not of those that it calls.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    try:
        base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "eureka", "numba")
    except RuntimeError as error:  # no home
        raise OSError(str(error)) from None
    sources = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))))
    own = Path(base.absolute(), sources.hexdigest()[:16])
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = own.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OSError(f"{own} is not the user's alone (owner {found.st_uid}, mode {found.st_mode & 0o777:o})")
    for parent in own.resolve().parents:
        above = parent.stat()
        if above.st_uid not in (0, os.getuid()) or (above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX):
            raise OSError(f"{parent} is another user's or can be written by all, so {own.name} in it can be replaced")
    probe = own / f"probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return own


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
