"""Which files a component's options name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from eureka.component import ConfigPath, Options
from eureka.yaml_source import KeyPath

_CONFIG_PATH = get_args(ConfigPath)[1]


def option_files(options: type[Options], values: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Path]]:
    """Key path and file of every option of type `ConfigPath`, and of every `FILE.py:Class` with an absolute FILE, however deep.

    values: the options as JSON has them. The files need not exist.
    """
    for name, field in options.model_fields.items():
        key = field.alias or name
        is_path = _CONFIG_PATH in (*field.metadata, *_parts(field.annotation))
        for path, text in texts(values.get(key), (key,)):
            file = class_file(text)
            if file is not None and file.is_absolute():
                yield path, file
            elif is_path:
                yield path, Path(text)


def class_file(text: str) -> Path | None:
    """FILE of `FILE.py:Class`; None of anything else."""
    file, _, _ = text.rpartition(":")
    return Path(file) if file.endswith(".py") else None


def texts(value: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every string in nested lists and mappings, with its key path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, (dict, list, tuple)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(item, (*at, key))


def _parts(annotation: Any) -> Iterator[Any]:
    """Everything an annotation is put together from."""
    for part in get_args(annotation):
        yield part
        yield from _parts(part)
