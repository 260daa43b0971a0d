"""Loads a Python file by its path, and says in one line what went wrong in somebody's Python."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType

from eureka.yaml_source import shown


def load_file(path: Path) -> ModuleType:
    """The file as a module, loaded once per process. path: absolute. What the file raises passes through."""
    name = f"eureka_file_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs: dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def classes_of(module: ModuleType) -> list[str]:
    """The classes defined in the module itself."""
    return [name for name, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__]


def python_error(error: BaseException, file: Path | None = None) -> str:
    """`FILE:LINE: Type: message` of the innermost line in `file`, or of the innermost line at all."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown(Path(error.filename))}:{error.lineno}: {type(error).__name__}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f for f in reversed(frames) if file is None or f.filename == str(file)), None)
    message = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{shown(Path(place.filename))}:{place.lineno}: {message}" if place is not None else message
