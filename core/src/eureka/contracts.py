"""Holds components to their hooks: builds a plugin manager, and says in one line which hook a component got wrong."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eureka.errors import ConfigError
from eureka.kinds import KINDS, Kind
from eureka.suggest import did_you_mean

if TYPE_CHECKING:
    import pluggy


def build_manager(components: Mapping[str, Any]) -> pluggy.PluginManager:
    """A plugin manager with exactly these components, each registered under its YAML path. Raises ConfigError, see `check_hooks`."""
    import pluggy

    from eureka import hookspecs

    manager = pluggy.PluginManager("eureka")
    manager.add_hookspecs(hookspecs)
    for path, component in components.items():
        check_hooks(path, type(component))
        try:
            manager.register(component, name=path)
        except pluggy.PluginValidationError as error:
            raise ConfigError(f"{path}: {' '.join(str(error).split())}") from None
    manager.check_pending()
    return manager


def implemented_hooks(cls: type) -> list[str]:
    """The hooks a component's class implements, in the order it defines them."""
    names = [name for base in reversed(cls.__mro__) for name in vars(base)]
    return [name for name in dict.fromkeys(names) if getattr(getattr(cls, name, None), "eureka_impl", None) is not None]


def check_hooks(path: str, cls: type, kind: Kind | None = None) -> None:
    """Check a component's class against the hooks there are and those its kind must answer.

    kind: None where the path tells. Raises ConfigError for a hook that is misspelt, unmarked or takes other arguments, or when the
    required ones are missing. A path that names no kind (`inject`) has none that are required.
    """
    from eureka import hookspecs

    specs = {name: list(inspect.signature(spec).parameters) for name, spec in vars(hookspecs).items() if hasattr(spec, "eureka_spec")}
    label = f"{path}: {cls.__name__}"
    hooks = implemented_hooks(cls)
    for name in (n for n in dir(cls) if n.startswith("eureka_") and n not in hooks and callable(getattr(cls, n))):
        raise ConfigError(f"{label}.{name} is not marked as a hook; put @eureka.hookimpl above it.")
    for name in hooks:
        if name not in specs:
            raise ConfigError(f"{label} implements the unknown hook {name}{did_you_mean(name, specs)} Hooks: {', '.join(specs)}.")
        static = isinstance(inspect.getattr_static(cls, name), staticmethod)
        taken = list(inspect.signature(getattr(cls, name)).parameters)[0 if static else 1 :]
        if not set(taken) <= set(specs[name]):
            raise ConfigError(f"{label}.{name} takes ({', '.join(taken)}); the hook's arguments are ({', '.join(specs[name])}).")
    kind = kind or _kind(path)
    if kind is not None and not any(set(needed) <= set(hooks) for needed in kind.required):
        raise ConfigError(f"{label} implements {', '.join(hooks) or 'no hook'}; {kind.noun} must implement {kind.required_hooks}.")


def _kind(path: str) -> Kind | None:
    """`task.sim` → sim, `extensions[0]` → extensions."""
    return KINDS.get(re.sub(r"\[\d+\]$", "", path).rpartition(".")[2])
