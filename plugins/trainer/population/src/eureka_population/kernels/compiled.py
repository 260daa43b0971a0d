"""How the kernels are compiled, and where the compiled code is kept."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


def _directory() -> Path:
    """A directory of the user's alone: whoever could write there could have this process run anything.

    Its name holds a hash of all kernels, for numba looks for changes in the file of the function alone, not of those that it calls.
    Raises OSError where there can be none.
    """
    base = os.environ.get("NUMBA_CACHE_DIR") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "eureka", "numba")
    sources = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))))
    directory = Path(base, sources.hexdigest()[:16])
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OSError(f"{directory} can be written or read by others")
    probe = directory / f"probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return directory


def _prepare() -> str:
    """Point numba at the directory. Returns why the kernels are compiled anew by every process, or nothing."""
    try:
        numba.config.CACHE_DIR = str(_directory())
    except (OSError, RuntimeError) as error:
        return str(error)
    return ""


NOT_KEPT = _prepare()
"""Why compiled kernels are not kept; empty where they are."""


def kernel(function: Callable[..., Any]) -> Any:
    """Compile on first use. Divisions by zero give inf as in numpy, which is what lets loops with divisions vectorise.

    `fastmath` may reorder sums and takes no number for NaN: whether all are finite is looked at outside, by numpy.
    """
    return functools.partial(numba.njit, cache=not NOT_KEPT, fastmath=True, error_model="numpy")()(function)
