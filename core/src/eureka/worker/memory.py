"""Shared memory a worker hands to a reward process: anonymous files sealed so that neither side can harm the other."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os

from eureka.errors import EurekaError

# Not all of these are in `fcntl` of every supported Python; from linux/fcntl.h and linux/memfd.h.
_ADD_SEALS = 1033
_SEAL_SEAL, _SEAL_SHRINK, _SEAL_GROW, _SEAL_FUTURE_WRITE = 0x01, 0x02, 0x04, 0x10
_CLOEXEC, _ALLOW_SEALING = 0x01, 0x02


class SharedMemory:
    """`size` bytes this process maps for reading and writing; whoever is handed `fd` can map them too, never resize them.

    read_only: whoever is handed `fd` cannot write. Raises EurekaError where the platform has no sealed memory.
    """

    def __init__(self, size: int, read_only: bool) -> None:
        self.size = size
        self.fd = _memfd()
        try:
            os.ftruncate(self.fd, size)
            self.map = mmap.mmap(self.fd, size)
            # Sealed after this process has mapped it: a mapping made before FUTURE_WRITE stays writable.
            seals = _SEAL_SHRINK | _SEAL_GROW | _SEAL_SEAL | (_SEAL_FUTURE_WRITE if read_only else 0)
            fcntl.fcntl(self.fd, _ADD_SEALS, seals)
        except BaseException:
            os.close(self.fd)
            raise

    def close_fd(self) -> None:
        """Close the descriptor once it was handed over; the mapping stays."""
        os.close(self.fd)


def _memfd() -> int:
    # Through libc: Pythons built against an old C library (conda) lack os.memfd_create though the system has it.
    create = getattr(ctypes.CDLL(None, use_errno=True), "memfd_create", None)
    if create is None:
        raise EurekaError("Rewards run in a process of their own with sealed shared memory (memfd_create), which needs Linux.")
    fd = int(create(b"eureka-reward", _CLOEXEC | _ALLOW_SEALING))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "memfd_create")
    return fd
