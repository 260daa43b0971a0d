"""Calls candidates' rewards in processes of their own and makes every way they can fail a `RewardFailed`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import RewardFailed
from eureka.worker.memory import SharedMemory
from eureka.worker.reward_channel import Channel, RewardLimits
from eureka.worker.reward_contract import ALIGNMENT, MAX_COMPONENTS, ContractBroken, check_names
from eureka.worker.zygote_client import Zygote

__all__ = ["RewardHost", "RewardLimits", "RewardProcess"]


class RewardHost:
    """Starts reward processes. One per worker; not thread-safe."""

    def __init__(self, limits: RewardLimits | None = None) -> None:
        self._limits = limits or RewardLimits()
        self._zygote = Zygote()

    def start(self, code: str, function: str, arguments: Sequence[str]) -> RewardProcess:
        """A process that has loaded `code`; `arguments`: what `function` takes. Raises RewardFailed when loading fails."""
        if not arguments:
            raise RewardFailed("contract", f"{function} takes no variable; expected at least one")
        pid, connection = self._zygote.fork(self._limits.memory)
        process = RewardProcess(Channel(self._zygote, pid, connection, self._limits), arguments)
        process.load(code, function)
        return process

    def close(self) -> None:
        """End every reward process."""
        self._zygote.close()


class RewardProcess:
    """One candidate's reward. Once it has failed, its process is gone and every call raises the same RewardFailed."""

    def __init__(self, channel: Channel, arguments: Sequence[str]) -> None:
        self.pid = channel.pid
        self._channel = channel
        self._arguments = tuple(arguments)
        self._memory: tuple[SharedMemory, SharedMemory] | None = None

    def load(self, code: str, function: str) -> None:
        """Load a candidate's program; `RewardHost.start` has done it."""
        program = code.encode(errors="replace")
        memory = SharedMemory(max(len(program), 1), read_only=True)
        memory.map[: len(program)] = program
        try:
            self._channel.ask({"load": len(program), "function": function, "arguments": self._arguments}, [memory.fd], rows=0)
        finally:
            memory.close_fd()

    def call(self, variables: Mapping[str, NDArray[Any]]) -> tuple[Array, dict[str, Array]]:
        """Total and components for one batch.

        variables: the arguments, each (B,) or (B, d) and converted to float64; others are not looked at. B ≥ 1.
        Each result: float64 (B,), finite, the caller's own. Raises RewardFailed, after which the process is gone.
        """
        arrays = [np.asarray(variables[name]) for name in self._arguments]
        rows = len(arrays[0])
        if rows == 0 or any(len(array) != rows for array in arrays):
            raise ValueError(f"rows of the variables: {[len(array) for array in arrays]}; expected one number ≥ 1")
        new = self._grow(sum(_aligned(array.size) for array in arrays), rows * (1 + MAX_COMPONENTS) * 8)
        assert self._memory is not None
        inputs, outputs = self._memory
        offset = 0
        for array in arrays:
            np.frombuffer(inputs.map, np.float64, array.size, offset).reshape(array.shape)[...] = array
            offset += _aligned(array.size)
        request: dict[str, Any] = {"call": rows, "shapes": [array.shape[1:] for array in arrays]}
        if new:
            request["memory"] = [inputs.size, outputs.size]
        try:
            answer = self._channel.ask(request, [memory.fd for memory in new], rows)
        finally:
            for memory in new:
                memory.close_fd()
        names = self._names(answer)
        # Copied before it is looked at: the process could still write to it.
        copy = np.array(np.frombuffer(outputs.map, np.float64, (1 + len(names)) * rows)).reshape(-1, rows)
        for name, values in (*zip(names, copy[1:], strict=True), ("total", copy[0])):
            if not np.isfinite(values).all():
                self._channel.fail("non_finite", self._not_finite(name, values, variables))
        return copy[0], dict(zip(names, copy[1:], strict=True))

    def close(self) -> None:
        """End the process."""
        self._channel.close()

    def _grow(self, input_bytes: int, output_bytes: int) -> list[SharedMemory]:
        """New memory to hand over when a batch is larger than any before, doubled so that it happens seldom."""
        if self._memory is not None and input_bytes <= self._memory[0].size and output_bytes <= self._memory[1].size:
            return []
        old = (0, 0) if self._memory is None else (self._memory[0].size, self._memory[1].size)
        sizes = [1 << (max(size, least, 4096) - 1).bit_length() for size, least in zip((input_bytes, output_bytes), old, strict=True)]
        self._memory = (SharedMemory(sizes[0], read_only=True), SharedMemory(sizes[1], read_only=False))
        return list(self._memory)

    def _names(self, answer: dict[str, Any]) -> list[str]:
        names = answer.get("components")
        if not isinstance(names, list) or not 1 <= len(names) <= MAX_COMPONENTS:
            self._channel.fail("contract", "the reward's process sent an answer without components")
        try:
            check_names(names)
        except ContractBroken as error:
            self._channel.fail("contract", str(error))
        return names

    def _not_finite(self, name: str, values: Array, variables: Mapping[str, NDArray[Any]]) -> str:
        row = int(np.argmin(np.isfinite(values)))
        label = name if name == "total" else f'component "{name}"'
        bad = [argument for argument in self._arguments if not np.isfinite(variables[argument][row]).all()]
        cause = f", where the variable {bad[0]} is not finite either" if bad else ""
        return f"{label} is {values[row]} in row {row} of {len(values)}{cause}; expected finite numbers"


def _aligned(size: int) -> int:
    """Bytes `size` float64 take, up to where the next array may start."""
    return -(-size * 8 // ALIGNMENT) * ALIGNMENT
