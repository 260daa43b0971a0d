"""Files named among the arguments of an environment or a wrapper, such as a robot's XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationInfo

from eureka.component import ClassPath

BESIDE = ("./", "../", "~/")
_CLASS_PATH: TypeAdapter[str] = TypeAdapter(ClassPath)


def arguments(value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """The arguments, every text that begins with `./`, `../` or `~/` now the absolute path of the file beside the config.

    One that is no file there stays as it is: where the config is no longer at hand, in the worker, it is a ValueError.
    """
    base = (info.context or {}).get("base_dir")
    found: dict[str, Any] = _absolute(value, Path(base or ""))
    missing = _first_beside(found)
    if base is None and missing is not None:
        raise ValueError(f"{missing}: no such file beside the config; text that begins with {', '.join(BESIDE)} names a file or folder")
    return found


def wrapper(value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """A wrapper with arguments, `use` as any class path and its files as in `arguments`. Raises ValueError without `use`."""
    use = value.get("use")
    if not isinstance(use, str):
        raise ValueError("a wrapper with arguments is a mapping such as {use: module:Class, stack_size: 4}; its use is missing or no text")
    named = arguments({key: item for key, item in value.items() if key != "use"}, info)
    return {"use": _CLASS_PATH.validate_python(use, context=info.context), **named}


def _absolute(value: Any, base: Path) -> Any:
    if isinstance(value, dict):
        return {key: _absolute(item, base) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_absolute(item, base) for item in value]
    if isinstance(value, str) and value.startswith(BESIDE):
        path = Path(base, Path(value).expanduser()).resolve()
        return str(path) if path.exists() else value
    return value


def _first_beside(value: Any) -> str | None:
    """The first text in nested lists and mappings that still names a file beside the config."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return next((text for item in items if (text := _first_beside(item)) is not None), None)
    return value if isinstance(value, str) and value.startswith(BESIDE) else None
