"""What a component is: a class with closed, described options and hook implementations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

import pluggy
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

hookspec = pluggy.HookspecMarker("eureka")
hookimpl = pluggy.HookimplMarker("eureka")


class Options(BaseModel):
    """Base of a component's options: an unknown key is an error, every field is described and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Component:
    """Base of every component. A subclass nests `class Options(eureka.Options)` and marks its hooks with `@eureka.hookimpl`.

    It is made once per run (in the host) or once per job (in the worker) and registered with that run's plugin manager.
    """

    Options: ClassVar[type[Options]] = Options

    def __init__(self, options: Any) -> None:
        self.options = options


def _beside_config(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base_dir")
    path = path.expanduser()
    return path if base is None else Path(base, path).resolve()


ConfigPath = Annotated[Path, AfterValidator(_beside_config)]
"""A path in a component's options: relative to the config file it stands in, absolute once the config is resolved."""


def _new_beside_config(path: Path, info: ValidationInfo) -> Path:
    return _beside_config(path, info)


NewPath = Annotated[Path, AfterValidator(_new_beside_config)]
"""The same of something that need not be there yet."""


def _class_beside_config(value: str, info: ValidationInfo) -> str:
    file, colon, name = value.rpartition(":")
    base = (info.context or {}).get("base_dir")
    if not colon or not file.endswith(".py") or base is None:
        return value
    return f"{Path(base, Path(file).expanduser()).resolve()}:{name}"


ClassPath = Annotated[str, AfterValidator(_class_beside_config)]
"""A Python class in a component's options: `module:Class`, or `FILE.py:Class` with FILE relative to the config file it stands in.

The file becomes absolute once the config is resolved, and must exist; anything that is neither form is left as it is.
"""
