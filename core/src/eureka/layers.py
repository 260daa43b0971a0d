"""Lays config files and `--set` over each other, and remembers for every setting where it came from."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eureka.errors import ConfigError
from eureka.kinds import KINDS
from eureka.pasted_keys import shown_set
from eureka.validation import dotted
from eureka.yaml_source import KeyPath, YamlSource, parse_value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting was written, and the folder its relative file names start from."""

    where: str
    base_dir: Path


_UNKNOWN = Origin("", Path())
_INDEX = re.compile(r"\[(\d+)\]")


class Layers:
    """Settings from several places, the later over the earlier.

    A mapping goes into the mapping below it key by key, any other value replaces it. Where both name a component with `use` and
    the names differ, the whole component is replaced: options belong to the one they were written for.
    """

    def __init__(self, lowest: dict[str, Any]) -> None:
        self.data = normalised(copy.deepcopy(lowest))
        self._origins: dict[KeyPath, Origin] = {}

    def add(self, source: YamlSource, base_dir: Path, at: KeyPath = ()) -> None:
        """Lay a file over what is there; `at`: the key path it goes below."""
        data: Any = source.data
        for key in reversed(at):
            data = {key: data}
        origins = {(*at, *path): Origin(source.at(path), base_dir) for path in source.marks}
        self._merge(self.data, normalised(data), (), origins, Origin(source.name, base_dir))

    def set(self, key: str, value: Any, origin: Origin) -> None:
        """Set one value, whatever was there. An item of a list is `LIST[0]` or `LIST.0`.

        Raises ConfigError where the path leads through a single value, or to an item that is not there.
        """
        parts = _INDEX.sub(r".\1", key).split(".")
        if not all(parts):
            raise ConfigError(f"{origin.where}: {key!r} is no key path; expected names with dots between them, such as search.samples.")
        target: Any = self.data
        path: KeyPath = ()
        for part in parts[:-1]:
            step: Any = _key(target, part, path, origin)
            path = (*path, step)
            below = target[step] if isinstance(target, list) else target.get(step)
            if below is None:
                below = target[step] = {}
                self._forget(path)
                self._origins[path] = origin
            if not isinstance(below, (dict, list)):
                raise ConfigError(f"{origin.where}: {dotted(path)} is a single value; set it as a whole: --set '{dotted(path)}=…'.")
            target = below
        path = (*path, _key(target, parts[-1], path, origin))
        if path[-1] == "use" and target.get("use") != value:
            target.clear()
        target[path[-1]] = value
        self._forget(path)
        self._origins[path] = origin
        self.data = normalised(self.data)

    def where(self, path: KeyPath) -> str:
        """Where the setting, or the nearest one around it, was written: `FILE:LINE:COLUMN`, `--set …`, or empty for a default."""
        return self._origin(path).where

    def base_dir(self, path: KeyPath) -> Path:
        """The folder that relative file names in this setting start from."""
        return self._origin(path).base_dir

    def _origin(self, path: KeyPath) -> Origin:
        nearest = (self._origins[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._origins)
        return next(nearest, _UNKNOWN)

    def _merge(
        self, lower: dict[str, Any], upper: dict[str, Any], at: KeyPath, origins: Mapping[KeyPath, Origin], unmarked: Origin
    ) -> None:
        for key, value in upper.items():
            path = (*at, key)
            below = lower.get(key)
            if isinstance(below, dict) and isinstance(value, dict) and value.get("use", below.get("use")) == below.get("use"):
                self._merge(below, value, path, origins, unmarked)
            else:
                lower[key] = copy.deepcopy(value)
                self._forget(path)
                self._origins |= {p: origin for p, origin in origins.items() if p[: len(path)] == path}
            self._origins[path] = origins.get(path, unmarked)

    def _forget(self, path: KeyPath) -> None:
        self._origins = {p: origin for p, origin in self._origins.items() if p[: len(path)] != path}


def normalised(data: dict[str, Any]) -> dict[str, Any]:
    """The same settings with every component that is just a name written as `{use: NAME}`."""
    result = dict(data)
    for kind in KINDS.values():
        value = result.get(kind.name)
        if kind.many and isinstance(value, list):
            result[kind.name] = [_spec(item) for item in value]
        elif not kind.many and isinstance(value, str):
            result[kind.name] = _spec(value)
    task = result.get("task")
    if isinstance(task, dict) and "sim" in task:
        result["task"] = {**task, "sim": _spec(task["sim"])}
    return result


def parse_set(text: str) -> tuple[str, Any]:
    """Key path and value of `--set KEY=VALUE`. Raises ConfigError."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f'--set "{shown_set(text)}": expected KEY.PATH=VALUE, such as search.samples=8.')
    try:
        return key.strip(), parse_value(value)
    except ConfigError as error:
        shown = shown_set(text)
        why = error if shown == text else "its value is not YAML; put text with special characters into double quotes."
        raise ConfigError(f"--set {shown}: {why}") from None


def _key(target: dict[str, Any] | list[Any], part: str, at: KeyPath, origin: Origin) -> str | int:
    """What a part of a key path stands for in what is at the path so far: a key, or the number of an item."""
    if isinstance(target, dict):
        return part
    if part.isdecimal() and int(part) < len(target):
        return int(part)
    above = dotted(at)
    items = ", ".join(f"{above}[{index}]" for index in range(len(target))) or "none"
    raise ConfigError(f"{origin.where}: {above} is a list. Its items: {items}; or set it as a whole: --set '{above}=[…]'.")


def _spec(value: Any) -> Any:
    return {"use": value} if isinstance(value, str) else value
