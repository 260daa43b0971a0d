"""A candidate's program, loaded: the function, compiled where its library compiles, and how its failures are worded.

Imported by the reward process too, so: standard library and numpy only, and torch where rewards are torch's.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.worker.array_libraries import NumpyArrays, TorchTensors, first_words
from eureka.worker.gpu_memory import is_gpu_memory
from eureka.worker.reward_contract import ContractBroken, unpack

_CHARACTERS = 2000
_OTHER_DEVICE = re.compile(r"expected device|same device")


class LoadedReward:
    """The function of a program. arguments: what it takes. remark: why it runs uncompiled where it should be compiled; else "".
    gave_up: why it, being compiled, runs uncompiled since a call; else "".

    name: of its module, another one for each program of a process. Whatever the program raises while it loads is raised.
    """

    def __init__(
        self, source: str, function: str, arguments: Sequence[str], library: NumpyArrays | TorchTensors, name: str = "reward"
    ) -> None:
        self.arguments = tuple(arguments)
        self.file = f"{name}.py"
        self._library = library
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(source, self.file, "exec", dont_inherit=True), vars(module))
        self._plain: Any = getattr(module, function, None)
        if not callable(self._plain):
            raise ContractBroken(f"the code defines no function {function!r}")
        self._function: Any
        self._function, remark = library.compiled(self._plain, source, self.file)
        self.remark = remark[:_CHARACTERS]
        self.gave_up = ""

    def __call__(self, variables: Mapping[str, NDArray[np.float64]]) -> tuple[list[str], list[NDArray[Any]]]:
        """Names of the components, and the arrays: total first, each (B,), not yet looked at. variables: not to be written to, (B, …).

        Raises ContractBroken, and whatever the program raises.
        """
        given = {name: self._library.given(variables[name]) for name in self.arguments}
        rows = len(variables[self.arguments[0]])
        with self._library.computing():
            names, arrays = unpack(self._returned(given), rows, self._library)
        if changed := self._library.changed(given):
            raise ContractBroken(f"the reward writes to its argument {changed[0]!r}; compute a new tensor, or clone it first")
        return names, arrays

    def try_elsewhere(self, variables: Mapping[str, NDArray[np.float64]]) -> None:
        """Raise what torch says where the program mixes its arguments, were they not on the CPU, with a tensor that it makes there.

        It is computed without numbers, so what depends on them ends it, and is no fault.
        """
        given = {name: self._library.given(variables[name]).to("meta") for name in self.arguments}
        try:
            with self._library.computing():
                self._plain(**given)
        except Exception as error:
            if _OTHER_DEVICE.search(str(error)):
                raise

    def _returned(self, given: dict[str, Any]) -> object:
        try:
            return self._function(**given)
        except Exception as error:
            if self._function is self._plain:
                raise
            if is_gpu_memory(error):  # says nothing of how it is compiled
                raise MemoryError("CUDA out of memory in a compiled reward") from error
            returned = self._plain(**given)  # fails likewise in most cases, and says in which of the candidate's lines
            self._function = self._plain  # compiled, it does something else: not tried at each call again
            # Its last line is the error itself; above it is where.
            self.gave_up = first_words("\n".join(reversed(str(error).splitlines())))[:_CHARACTERS]
            return returned


def described(error: BaseException, file: str) -> tuple[str, str, int | None]:
    """Code, message and line of a failure, as in `RewardFailed`, not yet cleaned. file: the program's, as in `LoadedReward`."""
    if isinstance(error, ContractBroken):
        return "contract", str(error)[:_CHARACTERS], None
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename == file:
        line, text = error.lineno, error.msg
    code = "memory" if isinstance(error, MemoryError) else "error"
    text = text or ("out of memory" if code == "memory" else "")
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return code, message[:_CHARACTERS], line
