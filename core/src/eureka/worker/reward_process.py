"""The process one candidate's code runs in: forked from the zygote, it sees arrays and returns arrays.

The code and the memory for inputs and outputs are there from the start; nothing is ever handed over later, so that the process
can do without a single free descriptor. Messages are JSON over a SOCK_SEQPACKET socket. The first is sent unasked, before any
generated code runs: the fields of `Confinement`; where isolation is required and does not hold, the process ends with that. Then one
answer per request:
`{"load": function, "arguments": […]}` → `{"remark": why it runs uncompiled, or ""}`;
`{"call": rows, "shapes": [[…], …]}` → `{"components": [names], "gave_up": why it runs uncompiled from now on, or ""}`, the
arrays in the output memory: total, then components; the same with `"elsewhere": true` → `{}`: torch's tensors are only tried on
another device than the CPU.
A failure answers `{"error": code, "message": …, "line": …}`. Standard library and numpy only, and torch where rewards are torch's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import mmap
import os
from typing import Any

import numpy as np

from eureka.worker.array_libraries import arrays_of
from eureka.worker.confinement import SOCKET, confine
from eureka.worker.loaded_reward import LoadedReward, described
from eureka.worker.reward_contract import ALIGNMENT

MESSAGE_BYTES = 64 * 1024
_FILE = "reward.py"
_OUT_OF_MEMORY = b'{"error": "memory", "message": "out of memory", "line": null}'
_UNSPEAKABLE = b'{"error": "error", "message": "the reward raised an exception that cannot be printed", "line": null}'


def main(fd: int, zygote: int, wanted: dict[str, Any], code: bytes, inputs: mmap.mmap, outputs: mmap.mmap) -> None:
    """Confine this process, then serve until the worker's end of the socket closes. wanted: the zygote's request for it."""
    confinement = confine(wanted["isolation"], fd, zygote, wanted["memory"], wanted["without"])
    _send(json.dumps(dataclasses.asdict(confinement)).encode())
    if wanted["isolation"] == "require" and confinement.possible:
        os._exit(0)
    reward = _Reward(code, inputs, outputs, wanted["library"])
    while True:
        # Read and written as a file: the calls that are for sockets alone are not allowed.
        try:
            data = os.read(SOCKET, MESSAGE_BYTES)
        except ConnectionError:
            data = b""
        if not data:
            os._exit(0)
        _send(reward.answer(json.loads(data)))


def _send(message: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        os.write(SOCKET, message)


class _Reward:
    """The loaded function and the memory it is called on."""

    def __init__(self, code: bytes, inputs: mmap.mmap, outputs: mmap.mmap, library: str) -> None:
        self._code = code
        self._inputs, self._outputs = inputs, outputs
        self._library = arrays_of(library)
        self._loaded: Any = None
        # Given back before a failure is told: a candidate that used all memory up has left none for the words. Address space is what is
        # limited, so it is never touched and costs the machine nothing.
        self._reserve = mmap.mmap(-1, 4 << 20)

    def answer(self, request: dict[str, Any]) -> bytes:
        """Do what was asked; a failure of any kind, whatever the candidate raised, is an answer too."""
        try:
            return json.dumps(self._load(request) if "load" in request else self._call(request)).encode()
        except BaseException as error:
            self._reserve.close()
            return _failure(error)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        self._loaded = LoadedReward(self._code.decode(), request["load"], request["arguments"], self._library)
        return {"remark": self._loaded.remark}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        rows, offset, variables = request["call"], 0, {}
        for name, shape in zip(self._loaded.arguments, request["shapes"], strict=True):
            count = rows * math.prod(shape)
            variables[name] = np.frombuffer(self._inputs, np.float64, count, offset).reshape(rows, *shape)
            offset += -(-count * 8 // ALIGNMENT) * ALIGNMENT
        if request.get("elsewhere"):
            self._loaded.try_elsewhere(variables)
            return {}
        names, arrays = self._loaded(variables)
        out = np.frombuffer(self._outputs, np.float64, len(arrays) * rows).reshape(-1, rows)
        for row, array in zip(out, arrays, strict=True):
            row[:] = array
        return {"components": names, "gave_up": self._loaded.gave_up}


def _failure(error: BaseException) -> bytes:
    try:
        code, message, line = described(error, _FILE)
        return json.dumps({"error": code, "message": message, "line": line}).encode()
    except BaseException:  # nothing is left to say it with, or a candidate's own exception has a broken __str__
        return _OUT_OF_MEMORY if isinstance(error, MemoryError) else _UNSPEAKABLE
