"""Landlock: from now on no file, no TCP port and no process outside can be reached (linux/landlock.h). Needs Linux 5.13."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from eureka.worker.system_calls import call

_VERSION = 1
_PATH_BENEATH = 1
# How many rights each version of the interface knows. What is handled and no rule allows is denied.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_NET_RIGHTS = {4: 2}
_SCOPES = {6: 2}  # abstract sockets of, and signals to, processes outside


_READING = 1 << 0 | 1 << 2 | 1 << 3  # to run a file, to read it, to list a folder
_OF_FOLDERS = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13  # to remove and make files and folders, and to move them; no link, no device
_OF_FILES = 1 << 1 | 1 << 14 | 1 << 15  # to write, to shorten, and to command a device


def ruleset(version: int, left: int = 0) -> bytes:
    """`struct landlock_ruleset_attr` that handles all a version knows, but for the rights on files that are left alone."""
    files, net, scopes = ((1 << _known(table, version)) - 1 for table in (_FILE_RIGHTS, _NET_RIGHTS, _SCOPES))
    # A kernel refuses to be told of what it does not know, and takes a shorter struct for zeros.
    return struct.pack("=QQQ", files & ~left, net, scopes)[: 8 if version < 4 else 16 if version < 6 else 24]


def apply() -> None:
    """Confine the calling thread for good; it must be the only one and unable to gain privileges. Raises OSError."""
    version = _version()
    _restrict(ruleset(version), version, {})


def keep_writes_within(folders: Iterable[Path], devices: Iterable[Path]) -> None:
    """From now on the calling thread, and what it starts, writes nothing but below `folders` and to `devices`; it reads all it could.

    It also opens no TCP port and signals no process outside, where the kernel's version knows of that. It must be unable to gain
    privileges. Threads there are already are not confined. Raises OSError.
    """
    version = _version()
    allowed = dict.fromkeys(folders, _OF_FOLDERS | _OF_FILES) | dict.fromkeys(devices, _OF_FILES)
    _restrict(ruleset(version, left=_READING), version, allowed)


def _restrict(attributes: bytes, version: int, allowed: Mapping[Path, int]) -> None:
    known = (1 << _known(_FILE_RIGHTS, version)) - 1
    fd = call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path, rights in allowed.items():
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                call("landlock_add_rule", fd, _PATH_BENEATH, struct.pack("=Qi", rights & known, place), 0)
            finally:
                os.close(place)
        call("landlock_restrict_self", fd, 0)
    finally:
        os.close(fd)


def _version() -> int:
    return call("landlock_create_ruleset", None, 0, _VERSION)


def _known(table: dict[int, int], version: int) -> int:
    return max((count for since, count in table.items() if since <= version), default=0)
