"""Candidates' rewards in this process, for simulators whose rewards must be where their arrays are: on a GPU.

Nothing but the static check and what confines this worker (`worker_confinement.py`) stands between a program and the training. So what is
trained here is measured by another worker, which loads no reward (`measure.py`).
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.builtin.outside_text import ERROR_LIMIT, one_line
from eureka.env import Array
from eureka.errors import RewardFailed
from eureka.types import ArrayLibrary
from eureka.worker.array_libraries import arrays_of
from eureka.worker.gpu_memory import is_gpu_memory
from eureka.worker.loaded_reward import LoadedReward, described
from eureka.worker.reward_client import gave_up_in_words
from eureka.worker.reward_contract import not_finite


class RewardsHere:
    """What a `RewardHost` is, without processes. confine: called before the first program is loaded; says what holds it.

    There is no limit of time or memory but the worker's own: one that does not come back makes no environment step, and is a hang.
    """

    def __init__(self, library: ArrayLibrary, device: str, confine: Callable[[], str]) -> None:
        self._library = arrays_of(library, device)
        self._confine = confine
        self._isolation = ""
        self._numbers = itertools.count()

    def start(self, code: str, function: str, arguments: Sequence[str]) -> RewardHere:
        """Load a program. Raises RewardFailed where that fails."""
        if not arguments:
            raise RewardFailed("contract", f"{function} takes no variable; expected at least one")
        self._isolation = self._isolation or self._confine()
        name = f"reward_{next(self._numbers)}"
        with _failing(f"{name}.py"):
            loaded = LoadedReward(code, function, arguments, self._library, name)
        return RewardHere(loaded, self._isolation)

    def close(self) -> None:
        """There is nothing to end."""


class RewardHere:
    """One candidate's reward; see `RewardProcess`."""

    def __init__(self, loaded: LoadedReward, isolation: str) -> None:
        self._loaded = loaded
        self.isolation = isolation
        self.remark = one_line(loaded.remark, ERROR_LIMIT)
        self.gave_up = ""

    def call(self, variables: Mapping[str, NDArray[Any]]) -> tuple[Array, dict[str, Array]]:
        """See `RewardProcess.call`."""
        given = {name: _read_only(variables[name]) for name in self._loaded.arguments}
        with _failing(self._loaded.file):
            names, arrays = self._loaded(given)
        self.gave_up = self.gave_up or gave_up_in_words(self._loaded.gave_up)
        copies = [np.array(array, np.float64) for array in arrays]
        for name, values in (*zip(names, copies[1:], strict=True), ("total", copies[0])):
            if not np.isfinite(values).all():
                row = int(np.argmin(np.isfinite(values)))
                raise RewardFailed("non_finite", one_line(not_finite(name, values, row, given), ERROR_LIMIT), row=row)
        return copies[0], dict(zip(names, copies[1:], strict=True))

    def close(self) -> None:
        """There is nothing to end."""


@contextlib.contextmanager
def _failing(file: str) -> Iterator[None]:
    """Makes what a program raises a RewardFailed. A GPU's want of memory is the machine's, and goes on as it is."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if is_gpu_memory(error) or "CUDA error" in str(error):
            raise
        code, message, line = described(error, file)
        raise RewardFailed(code, one_line(message, ERROR_LIMIT), line) from None


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view: NDArray[Any] = np.asarray(array, np.float64).view()
    view.flags.writeable = False
    return view
