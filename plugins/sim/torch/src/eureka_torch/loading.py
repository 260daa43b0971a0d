"""The class that a task names, and an environment of it, with errors that say which option to mend."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import torch

from eureka.errors import ConfigError
from eureka.suggest import did_you_mean
from eureka.user_code import classes_of, load_file, python_error
from eureka.yaml_source import no_such_file, shown
from eureka_torch.env import TorchEnv

if TYPE_CHECKING:
    from eureka_torch.sim import TorchSim


def load_class(path: str) -> type[TorchEnv]:
    """The class of `FILE.py:Class` or `module:Class`. Raises ConfigError for whatever stands in the way."""
    source, _, name = (path, "", "") if path.endswith(".py") else path.rpartition(":")
    if not source or (name and not name.isidentifier()):
        raise ConfigError(f"sim.env: {short(path)} is not of the form FILE.py:Class or module:Class.")
    module = _file(Path(source)) if source.endswith(".py") else _module(source)
    found = getattr(module, name, None)
    if isinstance(found, type) and issubclass(found, TorchEnv):
        return found
    there = [known for known in classes_of(module) if issubclass(getattr(module, known), TorchEnv)]
    what = f"is no subclass of eureka_torch.TorchEnv{did_you_mean(name, there)}" if name else "names no class; write FILE.py:Class."
    raise ConfigError(f"sim.env: {short(path)} {what} There: {', '.join(there) or 'none'}.")


def make(options: TorchSim.Options) -> TorchEnv:
    """An environment of the class, with these arguments. Raises ConfigError."""
    cls = load_class(options.env)
    label = f"sim.env: {short(options.env)}"
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise ConfigError(f"{label} does not define {', '.join(missing)}; a TorchEnv needs reset, step and observe.")
    try:
        inspect.signature(cls).bind(**options.kwargs)
    except TypeError as error:
        valid = ", ".join(inspect.signature(cls).parameters) or "none"
        raise ConfigError(f"sim.kwargs: {short(options.env)} does not accept {options.kwargs!r} ({error}). Valid: {valid}.") from None
    try:
        return cls(**options.kwargs)
    except Exception as error:
        raise ConfigError(f"{label} could not be made: {line(error, options.env)}.") from None


def check_device(device: str) -> None:
    """Raise ConfigError for a GPU that is not there."""
    if device == "cpu":
        return
    count, index = torch.cuda.device_count(), int(device.partition(":")[2] or 0)
    if index >= count:
        there = f"torch finds {count or 'no'} CUDA GPU{'s' * (count > 1)} here"
        built = "" if torch.version.cuda else f"; torch {torch.__version__} is a build without CUDA"
        raise ConfigError(f"sim.device: {device}: {there}{built}. Use {'cuda:0 or ' * (count > 0)}cpu; `eureka doctor` says what it sees.")


def short(path: str) -> str:
    """`FILE.py:Class` as the user would write it; anything else as it is."""
    file, _, name = path.rpartition(":")
    return f"{shown(Path(file))}:{name}" if file.endswith(".py") else path


def line(error: Exception, path: str) -> str:
    """What was raised, and where in the user's file."""
    file = path.rpartition(":")[0]
    return python_error(error, Path(file) if file.endswith(".py") else None).rstrip(".")


def _file(path: Path) -> ModuleType:
    path = path.expanduser().resolve()
    if not path.is_file():
        raise ConfigError(f"sim.env: {no_such_file(path)}")
    try:
        return load_file(path)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        fix = f" It needs the module {missing}: pip install {missing.partition('.')[0]}" if missing else ""
        raise ConfigError(f"sim.env: {shown(path)} cannot be loaded: {python_error(error, path).rstrip('.')}.{fix}") from None


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        fix = "Install the package that holds it, put its folder on PYTHONPATH, or write FILE.py:Class for a file beside the task."
        raise ConfigError(f"sim.env: {name}: {error}. {fix}") from None
    except (Exception, SystemExit) as error:
        raise ConfigError(f"sim.env: {name} cannot be loaded: {python_error(error).rstrip('.')}.") from None
