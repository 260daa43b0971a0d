"""What a confined process is refused, tried from inside, by system calls, before any generated code runs.

Every attempt is harmless should it succeed: names that do not exist, signal 0, a child that ends at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
from collections.abc import Callable

from eureka.worker.system_calls import call

_AT_FDCWD = -100
_NOWHERE = b"/eureka-no-such-folder/file"
# For lack of permission, of descriptors or processes one may have, or because the kernel has no such call.
_REFUSALS = (errno.EPERM, errno.EACCES, errno.EMFILE, errno.EAGAIN, errno.ENOSYS)


def not_refused(parent: int) -> list[str]:
    """What this process was not refused, in words; empty when it is confined. parent: a process that is not confined.

    A name that does not exist is looked up only where the call itself is possible: ENOENT is no refusal.
    """
    attempts: dict[str, Callable[[], int]] = {
        "reading a file": lambda: _opened("openat", _AT_FDCWD, b"/", os.O_RDONLY),
        "reading another process's environment": lambda: _opened("openat", _AT_FDCWD, b"/proc/%d/environ" % parent, os.O_RDONLY),
        "creating a file": lambda: _opened("openat", _AT_FDCWD, _NOWHERE, os.O_WRONLY | os.O_CREAT, 0o600),
        "deleting a file": lambda: call("unlinkat", _AT_FDCWD, _NOWHERE, 0),
        "renaming a file": lambda: call("renameat2", _AT_FDCWD, _NOWHERE, _AT_FDCWD, _NOWHERE, 0),
        "linking to a file": lambda: call("symlinkat", _NOWHERE, _AT_FDCWD, _NOWHERE),
        "emptying a file": lambda: call("truncate", _NOWHERE, 0),
        "changing a file's mode": lambda: call("fchmodat", _AT_FDCWD, _NOWHERE, 0o600),
        "a further descriptor": lambda: _opened("dup", 0),
        "memory as a file": lambda: _opened("memfd_create", b"", 0),
        "a unix socket": lambda: _opened("socket", 1, 1, 0),
        "a network socket": lambda: _opened("socket", 2, 2, 0),
        "io_uring": lambda: _opened("io_uring_setup", 1, bytes(120)),
        "starting a process": _fork,
        # The file is opened before its arguments are looked at, which are nowhere: it is never run.
        "running a program": lambda: call("execve", b"/proc/self/exe", 1, None),
        "signals to another process": lambda: call("kill", parent, 0),
        # The same permission as tracing it with ptrace, which would leave a mark.
        "reading another process's memory": lambda: _read_memory(parent),
    }
    return [words for words, attempt in attempts.items() if not _is_refused(attempt)]


def _is_refused(attempt: Callable[[], int]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in _REFUSALS
    return False


def _opened(name: str, *arguments: int | bytes) -> int:
    fd = call(name, *arguments)
    os.close(fd)
    return fd


def _fork() -> int:
    pid = call("clone", int(signal.SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    return pid


def _read_memory(pid: int) -> int:
    byte = ctypes.create_string_buffer(1)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(byte), 1)
    there = (ctypes.c_uint64 * 2)(0, 1)  # at address 0, where no process has anything
    return call("process_vm_readv", pid, here, 1, there, 1, 0)
