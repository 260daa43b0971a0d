"""Loads the Python classes that options name, in the worker alone."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eureka.errors import ConfigError
from eureka.user_code import classes_of, load_file, python_error
from eureka_sb3.options import is_class_path


def load_class(path: str, where: str) -> Any:
    """What `module:Name` or `FILE.py:Name` (absolute) names. where: the option, for the ConfigError of one that is not there."""
    source, _, name = path.rpartition(":")
    try:
        module = load_file(Path(source)) if source.endswith(".py") else importlib.import_module(source)
    except FileNotFoundError:
        raise ConfigError(f"{where}: {source} does not exist; give a file, relative to the config it is named in.") from None
    except ModuleNotFoundError as error:
        raise ConfigError(f"{where}: {path}: there is no module {error.name} here; install it, or give FILE.py:Class.") from None
    except (Exception, SystemExit) as error:
        file = Path(source) if source.endswith(".py") else None
        raise ConfigError(f"{where}: {path} cannot be loaded: {python_error(error, file)}.") from None
    found = getattr(module, name, None)
    if found is None:
        raise ConfigError(f"{where}: {source} has no {name}. Classes there: {', '.join(classes_of(module)) or 'none'}.")
    return found


def with_classes(value: Any, where: str = "trainer.policy_kwargs") -> Any:
    """`policy_kwargs` as it was written, with every class it names in the place of its name."""
    if isinstance(value, Mapping):
        return {key: with_classes(part, f"{where}.{key}") for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [with_classes(part, where) for part in value]
    return load_class(value, where) if is_class_path(value) else value


def class_error(error: Exception) -> str:
    """The error in one line, and where in the user's file it was raised, if in one."""
    files = {getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("eureka_file_")}
    place = next((f.filename for f in reversed(traceback.extract_tb(error.__traceback__)) if f.filename in files), None)
    return python_error(error, Path(place)) if place is not None else " ".join(f"{type(error).__name__}: {error}".split())
