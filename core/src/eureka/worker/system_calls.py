"""System calls by number, for what the C library has no function for and for what must not be hidden behind one.

Standard library only: the zygote imports it.
"""

from __future__ import annotations

import ctypes
import os

# Name → its number on x86_64 (arch/x86/entry/syscalls/syscall_64.tbl) and on aarch64 (include/uapi/asm-generic/unistd.h).
_NUMBERS = {
    "brk": (12, 214),
    "clock_gettime": (228, 113),
    "clone": (56, 220),
    "dup": (32, 23),
    "execve": (59, 221),
    "exit_group": (231, 94),
    "fchmodat": (268, 53),
    "futex": (202, 98),
    "io_uring_setup": (425, 425),
    "kill": (62, 129),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "madvise": (28, 233),
    "memfd_create": (319, 279),
    "mmap": (9, 222),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "openat": (257, 56),
    "process_vm_readv": (310, 270),
    "read": (0, 63),
    "renameat2": (316, 276),
    "restart_syscall": (219, 128),
    "socket": (41, 198),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "unlinkat": (263, 35),
    "write": (1, 64),
}
MACHINES = ("x86_64", "aarch64")
"""Machines the numbers are known of. Only x86_64 was run: the numbers of aarch64 are the kernel's, unproven here."""

# Asked before the process is confined; then even that is refused.
MACHINE = os.uname().machine

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def number(name: str, machine: str) -> int:
    """The number of a system call. Raises OSError where the machine's numbers are not known."""
    if machine not in MACHINES:
        raise OSError(f"system calls of {machine} are not known; known are those of {' and '.join(MACHINES)}")
    return _NUMBERS[name][MACHINES.index(machine)]


def call(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_uint64] | None) -> int:
    """Make a system call. Raises OSError with the system's errno."""
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    result = int(_libc.syscall(ctypes.c_long(number(name, MACHINE)), *words))
    if result == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(option: int, *arguments: int | bytes) -> None:
    """prctl(2). Raises OSError."""
    words = [ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments]
    padding = [ctypes.c_ulong(0)] * (4 - len(words))
    if _libc.prctl(option, *words, *padding) != 0:
        raise OSError(ctypes.get_errno(), f"prctl: {os.strerror(ctypes.get_errno())}")


def gain_no_privileges() -> None:
    """From now on this thread, and what it starts, gains none by running a program. Raises OSError."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def keep_capabilities(kept: int = 0) -> None:
    """Give up this thread's capabilities but those of the mask, for good. For who is not root there are mostly none. Raises OSError."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, of the first 32 and then of the others
    if _libc.capget(header, held) == 0:
        left = (held[k] & (kept >> 32 * (k // 3) & 0xFFFFFFFF) for k in range(6))
        if _libc.capset(header, (ctypes.c_uint32 * 6)(*left)) == 0:
            return
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
