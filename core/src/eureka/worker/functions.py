"""Functions the task's author wrote, `FILE.py:function`: loaded, bound by argument names, and their results checked.

They are trusted and run in the worker. File names are used as they are: whoever reads a task makes them absolute.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import ConfigError
from eureka.suggest import closest
from eureka.types import ArrayLibrary
from eureka.worker.array_libraries import arrays_of
from eureka.worker.gpu_memory import is_gpu_memory
from eureka.worker.reward_contract import ContractBroken, shapes_given, unpack

_FUNCTION = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")


def is_function(source: str) -> bool:
    """Whether a source is `FILE.py:function`."""
    return _FUNCTION.fullmatch(source) is not None


@dataclass(frozen=True, slots=True)
class Function:
    """A loaded function of one batch. label: place and source, for messages. arguments: what it takes, in order."""

    label: str
    arguments: tuple[str, ...]
    function: Callable[..., Any]

    def call(self, values: Mapping[str, Array]) -> Any:
        """What it returns for these arrays. Raises ConfigError when it raises, but for a GPU's want of memory, which goes on as it is."""
        try:
            return self.function(**{name: values[name] for name in self.arguments})
        except Exception as error:
            if is_gpu_memory(error):
                raise
            wrong = f"{type(error).__name__}: {error}{_line(error, self.function)}"
            raise ConfigError(f"{self.label}: {self.with_shapes(wrong, values)}") from error

    def with_shapes(self, wrong: str, values: Mapping[str, Array]) -> str:
        """What is wrong, and where that is a shape, those of the arrays it was given."""
        return wrong + shapes_given(wrong, {name: values[name] for name in self.arguments})

    def __call__(self, values: Mapping[str, Array], live: NDArray[np.bool_] | None = None) -> Array:
        """One number or vector per row, float64 (B,) or (B, d). Raises ConfigError for another shape, type, or a value that is
        not finite in a row of `live` (bool (B,); all rows where None)."""
        result = np.asarray(self.call(values))
        rows = len(values[self.arguments[0]])
        if result.ndim not in (1, 2) or len(result) != rows:
            wrong = f"it returned shape {result.shape}; expected ({rows},) or ({rows}, d)"
            raise ConfigError(f"{self.label}: {self.with_shapes(wrong, values)}.")
        if result.dtype.kind not in "biuf":
            raise ConfigError(f"{self.label}: it returned dtype {result.dtype}; expected real numbers.")
        array = result.astype(np.float64)
        finite = np.isfinite(array if array.ndim == 1 else array.sum(axis=1))
        if live is not None:
            finite |= ~live
        if not finite.all():
            row = int(np.argmin(finite))
            inputs = ", ".join(f"{name} = {values[name][row]}" for name in self.arguments)
            raise ConfigError(f"{self.label}: it returned {array[row]} where {inputs}; expected finite numbers.")
        return array


def load_function(source: str, available: Sequence[str], where: str) -> Function:
    """Load `FILE.py:function`; its arguments must be names in `available`. where: the place in the task, for messages.

    Raises ConfigError for a file, function or argument that does not exist.
    """
    match = _FUNCTION.fullmatch(source)
    if match is None:
        raise ConfigError(f"{where}: {source!r} is not of the form FILE.py:function.")
    return _load(Path(match["file"]), match["name"], available, f"{where}: {source}")


@dataclass(frozen=True, slots=True)
class HumanReward:
    """A reward a person wrote, under the same contract as a candidate's. library: what it is written with. device: of torch's tensors."""

    function: Function
    library: ArrayLibrary = "numpy"
    device: str = "cpu"

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.function.arguments

    def __call__(self, variables: Mapping[str, Array]) -> tuple[Array, dict[str, Array]]:
        """Total and components. variables: float64 (B,) or (B, d). Each result float64 (B,). Raises ConfigError."""
        library = arrays_of(self.library, self.device)
        result = self.function.call({name: library.given(variables[name]) for name in self.arguments})
        try:
            names, arrays = unpack(result, len(variables[self.arguments[0]]), library)
        except ContractBroken as error:
            raise ConfigError(f"{self.function.label}: {self.function.with_shapes(str(error), variables)}.") from None
        total, *components = (array.astype(np.float64) for array in arrays)
        for name, array in (*zip(names, components, strict=True), ("total", total)):
            if not np.isfinite(array).all():
                raise ConfigError(f"{self.function.label}: {name} is not finite in row {int(np.argmin(np.isfinite(array)))}.")
        return total, dict(zip(names, components, strict=True))


def load_human(path: str | Path, available: Sequence[str], library: ArrayLibrary = "numpy", device: str = "cpu") -> HumanReward:
    """Load `compute_reward` of a task's `human` file; its arguments must be names in `available`. Raises ConfigError."""
    return HumanReward(_load(Path(path), "compute_reward", available, f"human: {path}"), library, device)


def _load(path: Path, name: str, available: Sequence[str], label: str) -> Function:
    module = _module(path, label)
    function = getattr(module, name, None)
    if not inspect.isfunction(function):
        functions = [n for n, v in vars(module).items() if inspect.isfunction(v)]
        raise ConfigError(f"{label}: the file has no function {name!r}; it has: {', '.join(functions) or 'none'}.")
    arguments = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ConfigError(f"{label}: argument {parameter} cannot be bound by name; name each variable the function takes.")
        if parameter.name in available:
            arguments.append(parameter.name)
        elif parameter.default is parameter.empty:
            near = closest(parameter.name, available)
            hint = f" Did you mean {near!r}?" if near is not None else ""
            raise ConfigError(
                f"{label}: argument {parameter.name!r} is not available here.{hint} Valid: {', '.join(dict.fromkeys(available))}."
            )
    if not arguments:
        raise ConfigError(f"{label}: the function takes no variable; valid: {', '.join(dict.fromkeys(available))}.")
    return Function(label, tuple(arguments), function)


def _module(path: Path, label: str) -> ModuleType:
    if not path.is_file():
        raise ConfigError(f"{label}: there is no such file.")
    try:
        return _import(path.resolve())
    except Exception as error:
        raise ConfigError(f"{label}: the file cannot be loaded: {type(error).__name__}: {error}") from error


@functools.cache
def _import(path: Path) -> ModuleType:
    name = f"eureka_task_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _line(error: BaseException, function: Callable[..., Any]) -> str:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == function.__code__.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""
