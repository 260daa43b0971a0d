"""Calls candidates' rewards in processes of their own and makes every way they can fail a `RewardFailed`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.builtin.outside_text import ERROR_LIMIT, one_line
from eureka.env import Array
from eureka.errors import EurekaError, RewardFailed
from eureka.types import ArrayLibrary, Isolation
from eureka.worker.memory import SharedMemory
from eureka.worker.reward_channel import Channel, RewardLimits
from eureka.worker.reward_contract import ALIGNMENT, MAX_COMPONENTS, ContractBroken, check_names, not_finite
from eureka.worker.zygote_client import Zygote

__all__ = ["RewardHost", "RewardLimits", "RewardProcess"]

_MEMORY_BYTES = 64 << 20
"""What a process gets for inputs, and again for outputs: address space only until it is touched, and seldom too little."""


class RewardHost:
    """Starts reward processes. One per worker; not thread-safe.

    isolation: `require` confines every process or runs nothing; `best-effort` takes the layers there are; `none` confines nothing: a
    process of its own with a limit of memory and of CPU time. without: layers to do without as if the system lacked them, for tests.
    library: what rewards are written with.
    """

    def __init__(
        self,
        limits: RewardLimits | None = None,
        isolation: Isolation = "require",
        library: ArrayLibrary = "numpy",
        *,
        without: Sequence[str] = (),
    ) -> None:
        self._limits = limits or RewardLimits()
        self._zygote = Zygote(isolation, without, library)

    def probe(self) -> str:
        """The level of isolation rewards get here (`Verdict.isolation`). Raises IsolationMissing, EurekaError where none can run."""
        try:
            process = self.start("def probe(x):\n    return x, {'x': x}\n", "probe", ["x"])
        except RewardFailed as error:
            raise EurekaError(f"No reward can be run here: {error.message}. Give the machine room, then try again.") from error
        process.close()
        return process.isolation

    def start(self, code: str, function: str, arguments: Sequence[str]) -> RewardProcess:
        """A process that has loaded `code`; `arguments`: what `function` takes.

        Raises RewardFailed when loading fails, IsolationMissing where it cannot be confined as required.
        """
        if not arguments:
            raise RewardFailed("contract", f"{function} takes no variable; expected at least one")
        return RewardProcess(self._zygote, self._limits, code, function, arguments)

    def close(self) -> None:
        """End every reward process."""
        self._zygote.close()


def gave_up_in_words(why: str) -> str:
    """For people, why a torch reward runs uncompiled since a call; empty where it does not."""
    return f"it runs uncompiled, compiled it fails where Python does not: {one_line(why, ERROR_LIMIT)}" if why else ""


class RewardProcess:
    """One candidate's reward. Once it has failed, its process is gone and every call raises the same RewardFailed.

    isolation: the level that holds, e.g. `seccomp+landlock+limits`. remark: why a torch reward is not compiled; empty where it is.
    gave_up: that one which was compiled runs as plain Python since a call, and why; empty while it does not.
    """

    isolation: str
    remark: str
    gave_up: str = ""

    def __init__(self, zygote: Zygote, limits: RewardLimits, code: str, function: str, arguments: Sequence[str]) -> None:
        self._zygote = zygote
        self._limits = limits
        self._code = code.encode(errors="replace") or b"\n"  # there is no empty memory
        self._function = function
        self._arguments = tuple(arguments)
        self._start(_MEMORY_BYTES, _MEMORY_BYTES)

    @property
    def pid(self) -> int:
        """The process there is now; a batch larger than any before may have replaced it."""
        return self._channel.pid

    @property
    def cpu_s(self) -> float:
        """CPU seconds that process has used; 0 once it has ended."""
        return self._channel.cpu_s()

    def _start(self, input_bytes: int, output_bytes: int) -> None:
        """Start a process with memory for batches of this size, and load the code."""
        with contextlib.ExitStack() as stack:
            sizes = (len(self._code), True), (input_bytes, True), (output_bytes, False)
            files = []
            for size, read_only in sizes:
                files.append(SharedMemory(size, read_only))
                stack.callback(files[-1].close_fd)
            code, self._inputs, self._outputs = files
            code.map[: len(self._code)] = self._code
            pid, connection = self._zygote.fork(self._limits.memory, files)
        self._channel = Channel(self._zygote, pid, connection, self._limits)
        self.isolation = self._channel.greet()
        answer = self._channel.ask({"load": self._function, "arguments": self._arguments}, rows=0)
        self.remark = one_line(str(answer.get("remark") or ""), ERROR_LIMIT)

    def call(self, variables: Mapping[str, NDArray[Any]]) -> tuple[Array, dict[str, Array]]:
        """Total and components for one batch.

        variables: the arguments, each (B,) or (B, d) and converted to float64; others are not looked at. B ≥ 1.
        Each result: float64 (B,), finite, the caller's own. Raises RewardFailed, after which the process is gone.
        """
        rows, answer = self._asked(variables)
        names = self._names(answer)
        self.gave_up = self.gave_up or gave_up_in_words(str(answer.get("gave_up") or ""))
        # Copied before it is looked at: the process could still write to it.
        copy = np.array(np.frombuffer(self._outputs.map, np.float64, (1 + len(names)) * rows)).reshape(-1, rows)
        for name, values in (*zip(names, copy[1:], strict=True), ("total", copy[0])):
            if not np.isfinite(values).all():
                row = int(np.argmin(np.isfinite(values)))
                self._channel.fail("non_finite", not_finite(name, values, row, {n: variables[n] for n in self._arguments}), row=row)
        return copy[0], dict(zip(names, copy[1:], strict=True))

    def try_elsewhere(self, variables: Mapping[str, NDArray[Any]]) -> None:
        """Of a torch reward: raises RewardFailed where it would make a tensor on the CPU that does not go with arguments on a GPU."""
        self._asked(variables, elsewhere=True)

    def close(self) -> None:
        """End the process."""
        self._channel.close()

    def _asked(self, variables: Mapping[str, NDArray[Any]], **more: bool) -> tuple[int, dict[str, Any]]:
        """Hand over a batch: its rows, and the process's answer."""
        arrays = [np.asarray(variables[name]) for name in self._arguments]
        rows = len(arrays[0])
        if rows == 0 or any(len(array) != rows for array in arrays):
            raise ValueError(f"rows of the variables: {[len(array) for array in arrays]}; expected one number ≥ 1")
        self._make_room(sum(_aligned(array.size) for array in arrays), rows * (1 + MAX_COMPONENTS) * 8)
        offset = 0
        for array in arrays:
            np.frombuffer(self._inputs.map, np.float64, array.size, offset).reshape(array.shape)[...] = array
            offset += _aligned(array.size)
        return rows, self._channel.ask({"call": rows, "shapes": [array.shape[1:] for array in arrays], **more}, rows)

    def _make_room(self, input_bytes: int, output_bytes: int) -> None:
        """Where a batch does not fit, start anew with twice the memory: a process that runs a candidate's code is handed nothing."""
        self._channel.raise_if_over()
        if input_bytes > self._inputs.size or output_bytes > self._outputs.size:
            self._channel.close()
            self._start(max(2 * input_bytes, self._inputs.size), max(2 * output_bytes, self._outputs.size))

    def _names(self, answer: dict[str, Any]) -> list[str]:
        names = answer.get("components")
        if not isinstance(names, list) or not 1 <= len(names) <= MAX_COMPONENTS:
            self._channel.fail("contract", "the reward's process sent an answer without components")
        try:
            check_names(names)
        except ContractBroken as error:
            self._channel.fail("contract", str(error))
        return names


def _aligned(size: int) -> int:
    """Bytes `size` float64 take, up to where the next array may start."""
    return -(-size * 8 // ALIGNMENT) * ALIGNMENT
