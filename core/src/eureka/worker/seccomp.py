"""The system calls a reward may make, as a filter the kernel keeps: what is not listed fails with EPERM.

A filter is a program of the classic Berkeley packet filter over `struct seccomp_data` (linux/seccomp.h, linux/filter.h).
"""

from __future__ import annotations

import ctypes
import errno
import struct

from eureka.worker.system_calls import MACHINE, number, prctl

ALLOWED = (
    # Answers requests on the one socket there is; prints to /dev/null.
    *("read", "write"),
    # Memory. No mprotect: together with the conditions on mmap nothing new ever becomes code.
    *("munmap", "mremap", "brk", "madvise"),
    # What a lock waits with, so that a program that waits is ended for that. The other goes on waiting after a stop.
    *("futex", "restart_syscall"),
    # The way out, and the clock where the kernel does not lend it to the process.
    *("exit_group", "clock_gettime"),
)
"""Besides mmap, of fresh memory that is not to be executed."""

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PROT_EXEC, _MAP_ANONYMOUS = 0x04, 0x20
# Where `struct seccomp_data` holds what; of an argument the lower half, on machines that store it first.
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM


def program(machine: str) -> bytes:
    """The filter for a machine. Raises OSError where its system calls are not known."""
    allow, deny = _op(_RETURN, _ALLOW), _op(_RETURN, _DENY)
    # Numbers mean other calls under the system's other, 32-bit ways to be called.
    code = [_op(_LOAD, _ARCH), _op(_IF_EQUAL, _AUDIT_ARCH.get(machine, 0), then=1), deny]
    code.append(_op(_LOAD, _NUMBER))
    for name in ALLOWED:
        code += [_op(_IF_EQUAL, number(name, machine), otherwise=1), allow]
    code += [_op(_IF_EQUAL, number("mmap", machine), then=1), deny]
    code += [_op(_LOAD, _ARGUMENTS + 2 * 8), _op(_IF_ANY_BIT, _PROT_EXEC, otherwise=1), deny]
    code += [_op(_LOAD, _ARGUMENTS + 3 * 8), _op(_IF_ANY_BIT, _MAP_ANONYMOUS, otherwise=1), allow, deny]
    return b"".join(code)


def apply() -> None:
    """Confine the calling thread for good; it must be the only one and unable to gain privileges. Raises OSError."""
    code = program(MACHINE)
    buffer = ctypes.create_string_buffer(code, len(code))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))


def _op(code: int, operand: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise`: how many to skip."""
    return struct.pack("=HBBI", code, then, otherwise, operand)
