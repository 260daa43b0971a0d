"""Resolves names to components."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from eureka.contracts import build_manager
from eureka.errors import ConfigError, EurekaError
from eureka.kinds import KINDS, Kind, get_kind
from eureka.suggest import closest, did_you_mean
from eureka.user_code import classes_of, load_file, python_error
from eureka.yaml_source import no_such_file, shown

if TYPE_CHECKING:
    from eureka.component import Component, Options
    from eureka.types import ComponentSpec
    from eureka.yaml_source import KeyPath

__all__ = ["ComponentInfo", "build_manager", "list_components", "make", "resolve"]


class ComponentInfo(NamedTuple):
    """An installed component, as its dist's metadata tells."""

    kind: str
    name: str
    dist: str
    version: str
    value: str


def list_components() -> list[ComponentInfo]:
    """Every installed component, by kind and name. Reads metadata only: no plugin is imported."""
    return list(_installed(tuple(sys.path)))


@functools.lru_cache(maxsize=4)
def _installed(sys_path: tuple[str, ...]) -> tuple[ComponentInfo, ...]:
    points = importlib.metadata.entry_points()
    found = []
    for kind in KINDS.values():
        for point in points.select(group=kind.group):
            dist = point.dist
            name, version = (dist.metadata["Name"], dist.version) if dist is not None else ("", "")
            found.append(ComponentInfo(kind.name, point.name, name, version, point.value))
    order = list(KINDS)
    return tuple(sorted(found, key=lambda c: (order.index(c.kind), c.name, c.dist)))


def resolve(kind: str, use: str, base_dir: Path | None = None, where: str = "") -> type[Component]:
    """The class that `use` names: an installed component, `module:Class`, or `FILE.py:Class` with FILE relative to `base_dir`.

    where: what messages begin with; the kind's place in a config if empty. Raises ConfigError for whatever stands in the way.
    """
    spec = get_kind(kind)
    where = where or spec.where
    source, colon, name = use.rpartition(":")
    if not colon and use.endswith(".py"):
        source, name = use, ""
    try:
        if source.endswith(".py"):
            return _from_file(spec, Path(base_dir or Path.cwd(), source), name)
        if colon:
            return _from_module(spec, source, name, f'"{use}"', pip="")
        return _from_plugin(spec, use)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def make(kind: str, spec: ComponentSpec, where: str = "", base_dir: Path | None = None) -> Component:
    """An instance of the component, its options checked. where: its YAML path. Raises ConfigError."""
    where = where or get_kind(kind).where
    cls = resolve(kind, spec.use, base_dir, where)
    options = check_options(cls, kind, spec, (where,), base_dir)
    try:
        return cls(options)
    except EurekaError:
        raise
    except Exception as error:
        raise ConfigError(f'{where}: "{spec.use}" cannot be made: {python_error(error)}.') from None


def check_options(
    cls: type[Component],
    kind: str,
    spec: ComponentSpec,
    at: KeyPath,
    base_dir: Path | None = None,
    place: Callable[[KeyPath], str] = lambda path: "",
    shown_by: str = "",
) -> Options:
    """The component's options, validated, with defaults filled in.

    at: the component's key path. base_dir: what a `ConfigPath` in them is relative to. place: where a key path was written.
    shown_by: the component with which `eureka plugins show` tells these options, where that is another.
    Raises ConfigError with a line per mistake.
    """
    from pydantic import ValidationError

    from eureka.validation import explain

    try:
        return cls.Options.model_validate(spec.options, context={"base_dir": base_dir})
    except ValidationError as error:
        lines = explain(error, cls.Options, spec.options, at, place)
    raise ConfigError("\n".join(f"{line} See: eureka plugins show {shown_by or f'{kind}:{spec.use}'}" for line in lines))


def _from_plugin(kind: Kind, use: str) -> type[Component]:
    of_kind = [c for c in list_components() if c.kind == kind.name]
    same = [c for c in of_kind if c.name == use]
    if not same:
        raise ConfigError(_unknown(kind, use, [c.name for c in of_kind]))
    if len(same) > 1:
        dists = " and ".join(f"{c.dist} {c.version}" for c in same)
        raise ConfigError(f'"{use}" comes from {dists}; uninstall one: pip uninstall {same[-1].dist}')
    component = same[0]
    module, _, name = component.value.partition(":")
    return _from_module(kind, module, name, f'"{use}" of {component.dist} {component.version}', pip=component.dist)


def _unknown(kind: Kind, use: str, installed: Iterable[str]) -> str:
    from eureka.pasted_keys import without_keys

    names, use = list(dict.fromkeys(installed)), without_keys(use)
    text = f'"{use}" is not {kind.noun}{did_you_mean(use, names)} Installed: {", ".join(names) or "none"}.'
    # A slip of the pen must not become a package to install.
    named = closest(use, names) is None and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", use)
    return f"{text} Others come with their plugin: pip install eureka-plugin-{use if named else 'NAME'}"


def _from_module(kind: Kind, module: str, name: str, label: str, pip: str) -> type[Component]:
    """A class of an importable module. pip: the dist it comes with, if known."""
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is None:
            raise ConfigError(
                f"{label} cannot be loaded: {python_error(error)}.{f' Try: pip install --upgrade {pip}' if pip else ''}"
            ) from None
        if not pip and (module == missing or module.startswith(f"{missing}.")):
            raise ConfigError(f"{label}: there is no module {missing}; give FILE.py:Class for a file beside the config.") from None
        package = missing.partition(".")[0]
        fix = f"pip install {pip} (or only: pip install {package})" if pip else f"pip install {package}"
        raise ConfigError(f"{label} needs the module {missing}, which is missing: {fix}") from None
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{label} cannot be loaded: {python_error(error)}.") from None
    return _class(kind, loaded, name, label)


def _from_file(kind: Kind, path: Path, name: str) -> type[Component]:
    path = path.expanduser().resolve()
    label = f'"{shown(path)}:{name}"' if name else f'"{shown(path)}"'
    if not path.is_file():
        raise ConfigError(no_such_file(path))
    try:
        module = load_file(path)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        fix = f" It needs the module {missing}: pip install {missing.partition('.')[0]}" if missing else ""
        raise ConfigError(f"{label} cannot be loaded: {python_error(error, path)}.{fix}") from None
    return _class(kind, module, name, label)


def _class(kind: Kind, module: Any, name: str, label: str) -> type[Component]:
    from eureka.component import Component

    found = functools.reduce(lambda thing, part: getattr(thing, part, None), name.split(".") if name else [""], module)
    if found is None:
        names = classes_of(module)
        what = f"has no class {name}{did_you_mean(name, names)}" if name else "names no class; write FILE.py:Class."
        raise ConfigError(f"{label} {what} Classes there: {', '.join(names) or 'none'}.")
    if not (isinstance(found, type) and issubclass(found, Component)):
        raise ConfigError(f"{label} is not a subclass of eureka.Component, as {kind.noun} must be.")
    return found
