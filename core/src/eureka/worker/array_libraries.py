"""The two libraries a reward may be written with: what it is given, what it may return, and how that becomes numpy's.

Imported by the reward process too, so: standard library and numpy only, and torch where the simulator's rewards are torch's.
"""

from __future__ import annotations

import contextlib
import linecache
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


class NumpyArrays:
    """Rewards get float64 arrays that cannot be written to, and return arrays."""

    noun: ClassVar[str] = "a numpy array"

    def given(self, values: NDArray[np.float64]) -> Any:
        """An argument. values: (B,) or (B, d), not to be written to."""
        return values

    def returned(self, value: object) -> NDArray[Any] | None:
        """What the reward returned as an array of its own dtype; None where it is none."""
        return value if type(value) is np.ndarray else None

    def computing(self) -> contextlib.AbstractContextManager[Any]:
        """What a reward is called in."""
        return contextlib.nullcontext()

    def changed(self, arguments: Mapping[str, Any]) -> list[str]:
        """Names of the arguments that the reward wrote to."""
        return []

    def compiled(self, function: Callable[..., Any], source: str, file: str) -> tuple[Callable[..., Any], str]:
        """The function as it will be called, and why it could not be compiled where it should have been; else ""."""
        return function, ""


class TorchTensors:
    """Rewards get float32 tensors and return tensors; TorchScript runs them where it can compile them.

    device: where the tensors are that they get.
    """

    noun: ClassVar[str] = "a tensor"

    def __init__(self, device: str = "cpu") -> None:
        self._device = device

    def given(self, values: NDArray[np.float64]) -> Any:
        import torch

        return torch.from_numpy(values.astype(np.float32)).to(self._device)

    def returned(self, value: object) -> NDArray[Any] | None:
        import torch

        if type(value) is not torch.Tensor:
            return None
        tensor: Any = value
        tensor = tensor.detach().cpu()
        array: NDArray[Any] = (tensor.double() if tensor.dtype.is_floating_point else tensor).numpy()  # numpy has no bfloat16
        return array

    def computing(self) -> contextlib.AbstractContextManager[Any]:
        """Without gradients: those of the trainer are none of its business."""
        import torch

        free: contextlib.AbstractContextManager[Any] = torch.no_grad()
        return free

    def changed(self, arguments: Mapping[str, Any]) -> list[str]:
        return [name for name, tensor in arguments.items() if tensor._version]

    def compiled(self, function: Callable[..., Any], source: str, file: str) -> tuple[Callable[..., Any], str]:
        import torch

        linecache.cache[file] = (len(source), None, source.splitlines(True), file)  # where TorchScript looks for the source
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of its age
                return torch.jit.script(function), ""
        except Exception as error:
            return function, first_words(str(error))


NUMPY = NumpyArrays()


def arrays_of(library: str, device: str = "cpu") -> NumpyArrays | TorchTensors:
    """The library of that name. device: of torch's tensors."""
    return TorchTensors(device) if library == "torch" else NUMPY


def first_words(message: str) -> str:
    """What TorchScript says is wrong, without the source it shows under it."""
    return next((line.strip().rstrip(":") for line in message.splitlines() if line.strip()), "it says nothing of why")
