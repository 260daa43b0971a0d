"""The process one candidate's code runs in: forked from the zygote, it sees arrays and returns arrays.

Messages are JSON over a SOCK_SEQPACKET socket, one answer per request:
`{"load": bytes, "function": …, "arguments": […]}` with a file holding the code → `{}`;
`{"call": rows, "shapes": [[…], …]}` → `{"components": [names]}`, the arrays in the output memory: total, then components.
A call may hand over new memory: `"memory": [input bytes, output bytes]` with both files.
A failure answers `{"error": code, "message": …, "line": …}`. Standard library and numpy only.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import math
import mmap
import os
import resource
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from eureka.worker.reward_contract import ALIGNMENT, ContractBroken, unpack

MESSAGE_BYTES = 64 * 1024
_FILE = "reward.py"
_SOCKET = 3
_DESCRIPTORS = 8
"""0 to 2, the socket, two files being received and what mmap keeps of them. All taken while the candidate's code runs."""
_MESSAGE_CHARACTERS = 2000
_OUT_OF_MEMORY = b'{"error": "memory", "message": "out of memory", "line": null}'
_UNSPEAKABLE = b'{"error": "error", "message": "the reward raised an exception that cannot be printed", "line": null}'
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_prctl = ctypes.CDLL(None).prctl


def main(fd: int, zygote: int, memory: int) -> None:
    """Confine this process, then serve until the worker's end of the socket closes. memory: bytes it may allocate."""
    _confine(fd, zygote, memory)
    worker = socket.socket(fileno=_SOCKET)
    reward = _Reward()
    spare: list[int] = []
    while True:
        for taken in spare:
            os.close(taken)
        try:
            data, fds, _, _ = socket.recv_fds(worker, MESSAGE_BYTES, 2)
        except ConnectionError:
            data = b""
        if not data:
            os._exit(0)
        request = json.loads(data)
        answer = reward.accept(request, fds)
        spare = _take_descriptors()
        answer = answer or reward.answer(request)
        with contextlib.suppress(ConnectionError):
            worker.send(answer)


def _take_descriptors() -> list[int]:
    """Leave none free: the candidate's code can open nothing."""
    spare: list[int] = []
    with contextlib.suppress(OSError):  # EMFILE, which is the aim
        while True:
            spare.append(os.dup(0))
    return spare


def _confine(fd: int, zygote: int, memory: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:  # it died before it could be bound to
        os._exit(0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    with open("/proc/self/statm") as file:
        in_use = int(file.read().split()[0]) * mmap.PAGESIZE
    os.dup2(fd, _SOCKET)
    for name in [entry.name for entry in Path("/proc/self/fd").iterdir()]:
        if int(name) > _SOCKET:
            with contextlib.suppress(OSError):  # the listing's own descriptor
                os.close(int(name))
    for limit, value in (
        (resource.RLIMIT_AS, in_use + memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
    ):
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    # No module can be read from disk any more; without finders that is told as "No module named …".
    sys.meta_path.clear()


class _Reward:
    """The loaded function and the memory it is called on."""

    def __init__(self) -> None:
        self._code = ""
        self._function: Any = None
        self._arguments: list[str] = []
        self._memory: list[mmap.mmap] = []
        # Given back before a failure is told: a candidate that used all memory up has left none for the words.
        self._reserve: bytearray | None = bytearray(4 << 20)

    def accept(self, request: dict[str, Any], fds: list[int]) -> bytes:
        """Take over the files that came with a request and close them. Returns an answer only when that failed."""
        try:
            if "load" in request:
                self._code = os.pread(fds[0], request["load"], 0).decode()
            elif fds:
                self._drop_memory()
                for fd, size, protection in zip(fds, request["memory"], (mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE), strict=True):
                    self._memory.append(mmap.mmap(fd, size, mmap.MAP_SHARED, protection))
        except BaseException as error:
            return _failure(error)
        finally:
            for fd in fds:
                os.close(fd)
        return b""

    def answer(self, request: dict[str, Any]) -> bytes:
        """Do what was asked; a failure of any kind, whatever the candidate raised, is an answer too."""
        try:
            return json.dumps(self._load(request) if "load" in request else self._call(request)).encode()
        except BaseException as error:
            self._reserve = None
            return _failure(error)

    def _drop_memory(self) -> None:
        for memory in self._memory:
            try:
                memory.close()
            except BufferError:
                # Inputs of an earlier call live on in a reference cycle, or because the candidate keeps them.
                gc.collect()
                try:
                    memory.close()
                except BufferError:
                    raise ContractBroken("the reward keeps its inputs after it has returned; it must be a pure function") from None
        self._memory = []

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        module = types.ModuleType("reward")
        sys.modules["reward"] = module
        exec(compile(self._code, _FILE, "exec", dont_inherit=True), vars(module))
        self._function = getattr(module, request["function"], None)
        if not callable(self._function):
            raise ContractBroken(f"the code defines no function {request['function']!r}")
        self._arguments = request["arguments"]
        return {}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        rows, offset, arguments = request["call"], 0, {}
        inputs, outputs = self._memory
        for name, shape in zip(self._arguments, request["shapes"], strict=True):
            count = rows * math.prod(shape)
            arguments[name] = np.frombuffer(inputs, np.float64, count, offset).reshape(rows, *shape)
            offset += -(-count * 8 // ALIGNMENT) * ALIGNMENT
        names, arrays = unpack(self._function(**arguments), rows)
        out = np.frombuffer(outputs, np.float64, len(arrays) * rows).reshape(-1, rows)
        for row, array in zip(out, arrays, strict=True):
            row[:] = array
        return {"components": names}


def _failure(error: BaseException) -> bytes:
    try:
        return json.dumps(_describe(error)).encode()
    except BaseException:  # nothing is left to say it with, or a candidate's own exception has a broken __str__
        return _OUT_OF_MEMORY if isinstance(error, MemoryError) else _UNSPEAKABLE


def _describe(error: BaseException) -> dict[str, Any]:
    if isinstance(error, ContractBroken):
        return {"error": "contract", "message": str(error)[:_MESSAGE_CHARACTERS], "line": None}
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        line, text = error.lineno, error.msg
    code = "memory" if isinstance(error, MemoryError) else "error"
    text = text or ("out of memory" if code == "memory" else "")
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return {"error": code, "message": message[:_MESSAGE_CHARACTERS], "line": line}
