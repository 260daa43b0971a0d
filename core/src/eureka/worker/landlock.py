"""Landlock: from now on no file, no TCP port and no process outside can be reached (linux/landlock.h). Needs Linux 5.13."""

from __future__ import annotations

import os
import struct

from eureka.worker.system_calls import call

_VERSION = 1
# How many rights each version of the interface knows. No rule is ever added, so what is handled is denied.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_NET_RIGHTS = {4: 2}
_SCOPES = {6: 2}  # abstract sockets of, and signals to, processes outside


def ruleset(version: int) -> bytes:
    """`struct landlock_ruleset_attr` that handles all a version knows."""
    rights = [(1 << _known(table, version)) - 1 for table in (_FILE_RIGHTS, _NET_RIGHTS, _SCOPES)]
    # A kernel refuses to be told of what it does not know, and takes a shorter struct for zeros.
    return struct.pack("=QQQ", *rights)[: 8 if version < 4 else 16 if version < 6 else 24]


def apply() -> None:
    """Confine the calling thread for good; it must be the only one and unable to gain privileges. Raises OSError."""
    attributes = ruleset(call("landlock_create_ruleset", None, 0, _VERSION))
    fd = call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        call("landlock_restrict_self", fd, 0)
    finally:
        os.close(fd)


def _known(table: dict[int, int], version: int) -> int:
    return max((count for since, count in table.items() if since <= version), default=0)
