"""Classes that a config names: `module:Class` or `FILE.py:Class`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from eureka.errors import ConfigError
from eureka.suggest import did_you_mean
from eureka.user_code import load_file, python_error
from eureka.yaml_source import no_such_file, shown


def is_file(path: str) -> bool:
    """Whether it is `FILE.py:Class`, or `FILE.py` with the class forgotten."""
    return path.endswith(".py") or path.rpartition(":")[0].endswith(".py")


def load_class(path: str, base: type, where: str) -> type[Any]:
    """The class, a subclass of `base`. where: the option that names it. Raises ConfigError for whatever stands in the way."""
    source, _, name = (path, "", "") if path.endswith(".py") else path.rpartition(":")
    label = f"{where}: {short(path)}"
    if not source or (name and not name.isidentifier()):
        raise ConfigError(f"{label} is not of the form module:Class or FILE.py:Class, such as gymnasium.wrappers:FlattenObservation.")
    module = _file(Path(source), label) if is_file(path) else _module(source, label)
    try:
        found = getattr(module, name, None)
    except ImportError as error:  # Gymnasium's modules import some classes when they are asked for.
        raise ConfigError(f"{label} {_needs(error)}") from None
    if isinstance(found, type) and issubclass(found, base):
        return found
    kind = f"gymnasium.{base.__name__}"
    there = sorted(n for n, value in vars(module).items() if isinstance(value, type) and issubclass(value, base) and value is not base)
    names = [*there, *(n for n in getattr(module, "__all__", ()) if n not in there)]
    what = "names no class; write FILE.py:Class." if not name else f"is not a {kind} class{did_you_mean(name, names)}"
    raise ConfigError(f"{label} {what} There: {', '.join(there[:10]) or f'no {kind}'}.")


def short(path: str) -> str:
    """`FILE.py:Class` as the user would write it; anything else as it is."""
    file, colon, name = path.rpartition(":")
    return f"{shown(Path(file))}:{name}" if colon and file.endswith(".py") else path


def parameters(maker: Any, without: Iterable[str] = ()) -> str:
    """The names a class or function takes, as far as it can be asked."""
    try:
        names = [name for name in inspect.signature(maker).parameters if name not in without]
    except (TypeError, ValueError):
        return "see its documentation"
    return ", ".join(names) or "none"


def _file(path: Path, label: str) -> ModuleType:
    path = path.expanduser().resolve()
    if not path.is_file():
        raise ConfigError(f"{label.partition(': ')[0]}: {no_such_file(path)}")
    try:
        return load_file(path)
    except (Exception, SystemExit) as error:
        missing = f" It {_needs(error)}" if isinstance(error, ModuleNotFoundError) and error.name else ""
        raise ConfigError(f"{label} cannot be loaded: {python_error(error, path).rstrip('.')}.{missing}") from None


def _module(name: str, label: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        fix = "Install the package that holds it, put its folder on PYTHONPATH, or write FILE.py:Class for a file beside the config."
        raise ConfigError(f"{label}: {error}. {fix}") from None
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{label} cannot be loaded: {python_error(error).rstrip('.')}.") from None


def _needs(error: ImportError) -> str:
    package = (error.name or "").partition(".")[0].replace("_", "-")
    return f"needs a module that is not installed here ({error}): pip install {package}" if package else f"cannot be loaded: {error}."
