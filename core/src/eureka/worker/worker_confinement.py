"""Confines a worker that loads candidates' programs itself, as far as what drives a GPU leaves it working."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from eureka.types import Isolation
from eureka.worker import landlock
from eureka.worker.system_calls import gain_no_privileges, keep_capabilities

HELD, NOTHING = "worker:landlock", "worker:none"
"""`TrainResult.isolation` of a reward that is computed in the worker."""

_FILE_CAPABILITIES = 0b1111
"""Those that let root go on reading and writing others' files, where Landlock leaves it any."""
_DEVICES = ("null", "nvidia*", "dri", "kfd", "dxg")


def confine_worker(isolation: Isolation, folders: Iterable[Path]) -> str:
    """Confine the calling thread, which will run the programs, for good. Says what holds, HELD or NOTHING.

    From then on it writes below `folders` alone (each is made), opens no TCP port, signals no process but those it starts, reads no
    other process's memory or environment and has no privileges but root's on files; each as far as this kernel's Landlock knows of it.
    It still reads files, and threads there are already are as free as before. isolation: with `none` nothing is done.
    """
    if isolation == "none":
        return NOTHING
    folders = list(folders)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        gain_no_privileges()
        keep_capabilities(_FILE_CAPABILITIES)
        landlock.keep_writes_within(folders, (path for name in _DEVICES for path in sorted(Path("/dev").glob(name))))
    except OSError as error:
        print(f"eureka: rewards in this worker are not confined: {error}", flush=True)
        return NOTHING
    return HELD


def keep_temporary_files(folder: Path) -> None:
    """Have what is temporary written where it may be, from before a library first asks: everybody's folder may hold a user's own files."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
