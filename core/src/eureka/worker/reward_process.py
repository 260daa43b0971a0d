"""The process one candidate's code runs in: forked from the zygote, it sees arrays and returns arrays.

The code and the memory for inputs and outputs are there from the start; nothing is ever handed over later, so that the process
can do without a single free descriptor. Messages are JSON over a SOCK_SEQPACKET socket, one answer per request:
`{"load": function, "arguments": […]}` → `{}`;
`{"call": rows, "shapes": [[…], …]}` → `{"components": [names]}`, the arrays in the output memory: total, then components.
A failure answers `{"error": code, "message": …, "line": …}`. Standard library and numpy only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import mmap
import os
import resource
import socket
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from eureka.process import die_with
from eureka.worker.reward_contract import ALIGNMENT, ContractBroken, unpack

MESSAGE_BYTES = 64 * 1024
_FILE = "reward.py"
_SOCKET = 3
_MESSAGE_CHARACTERS = 2000
_OUT_OF_MEMORY = b'{"error": "memory", "message": "out of memory", "line": null}'
_UNSPEAKABLE = b'{"error": "error", "message": "the reward raised an exception that cannot be printed", "line": null}'
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None)


def main(fd: int, zygote: int, memory: int, code: bytes, inputs: mmap.mmap, outputs: mmap.mmap) -> None:
    """Confine this process, then serve until the worker's end of the socket closes. memory: bytes it may allocate."""
    _confine(fd, zygote, memory)
    worker = socket.socket(fileno=_SOCKET)
    reward = _Reward(code, inputs, outputs)
    while True:
        try:
            data = worker.recv(MESSAGE_BYTES)
        except ConnectionError:
            data = b""
        if not data:
            os._exit(0)
        answer = reward.answer(json.loads(data))
        with contextlib.suppress(ConnectionError):
            worker.send(answer)


def _confine(fd: int, zygote: int, memory: int) -> None:
    die_with(zygote)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with open("/proc/self/statm") as file:  # the memory for inputs and outputs is in it
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
        # What is open works on, but nothing can be opened, connected or duplicated, whatever the candidate closes. What needs a
        # name only (unlink, chmod, stat) is not stopped by this: the ban of system calls comes on top.
        (resource.RLIMIT_NOFILE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    _drop_capabilities()
    # No module can be read from disk any more; without finders that is told as "No module named …".
    sys.meta_path.clear()


def _drop_capabilities() -> None:
    """Limits bind root only when it cannot raise them again. For everybody else there is nothing to drop."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        os._exit(1)


class _Reward:
    """The loaded function and the memory it is called on."""

    def __init__(self, code: bytes, inputs: mmap.mmap, outputs: mmap.mmap) -> None:
        self._code = code
        self._inputs, self._outputs = inputs, outputs
        self._function: Any = None
        self._arguments: list[str] = []
        # Given back before a failure is told: a candidate that used all memory up has left none for the words.
        self._reserve: bytearray | None = bytearray(4 << 20)

    def answer(self, request: dict[str, Any]) -> bytes:
        """Do what was asked; a failure of any kind, whatever the candidate raised, is an answer too."""
        try:
            return json.dumps(self._load(request) if "load" in request else self._call(request)).encode()
        except BaseException as error:
            self._reserve = None
            return _failure(error)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        module = types.ModuleType("reward")
        sys.modules["reward"] = module
        exec(compile(self._code.decode(), _FILE, "exec", dont_inherit=True), vars(module))
        self._function = getattr(module, request["load"], None)
        if not callable(self._function):
            raise ContractBroken(f"the code defines no function {request['load']!r}")
        self._arguments = request["arguments"]
        return {}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        rows, offset, arguments = request["call"], 0, {}
        for name, shape in zip(self._arguments, request["shapes"], strict=True):
            count = rows * math.prod(shape)
            arguments[name] = np.frombuffer(self._inputs, np.float64, count, offset).reshape(rows, *shape)
            offset += -(-count * 8 // ALIGNMENT) * ALIGNMENT
        names, arrays = unpack(self._function(**arguments), rows)
        out = np.frombuffer(self._outputs, np.float64, len(arrays) * rows).reshape(-1, rows)
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
