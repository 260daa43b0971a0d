"""The shipped tasks and configs: files in the `envs/` and `configs/` folders of packages that say they hold some."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable
from pathlib import Path

from eureka.errors import ConfigError
from eureka.suggest import closest, did_you_mean
from eureka.yaml_source import read_yaml

GROUP = "eureka.library"


def list_tasks() -> dict[str, Path]:
    """Shipped task files by name, in order of name."""
    return _by_name("envs/*/task.yaml", lambda path: path.parent.name)


def list_configs() -> dict[str, Path]:
    """Shipped config files by name, in order of name."""
    return _by_name("configs/*.yaml", lambda path: path.stem)


def not_installed() -> dict[str, str]:
    """The command that installs what a shipped task's environment lacks here, by task; without those that lack nothing.

    A folder of tasks says in `envs/needs.yaml` which modules must be there. None of them is imported.
    """
    missing: dict[str, str] = {}
    for folder in _folders():
        if (file := folder / "envs" / "needs.yaml").is_file():
            for module, need in read_yaml(file).data.items():
                if importlib.util.find_spec(module) is None:
                    missing |= dict.fromkeys(need["tasks"], need["install"])
    return missing


def find_task(name: str) -> Path:
    """The task file of that name. Raises ConfigError with the name that is near."""
    return _find(name, list_tasks(), "task")


def find_config(name: str) -> Path:
    """The config file of that name. Raises ConfigError with the name that is near."""
    return _find(name, list_configs(), "config")


def or_the_task(error: ConfigError, name: str) -> ConfigError:
    """The same error; of an environment that there is none of, with the task that may have been meant by its name."""
    near = closest(name, list_tasks()) if "sim.env: " in str(error) else None
    return ConfigError(f'{error} Or did you mean the task "{near}"?') if near is not None else error


def _find(name: str, known: dict[str, Path], what: str) -> Path:
    if name not in known:
        raise ConfigError(f'"{name}" is no shipped {what}{did_you_mean(name, known)} List them with: eureka tasks')
    return known[name]


def _by_name(pattern: str, name_of: Callable[[Path], str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.glob(pattern)):
            other = found.setdefault(name_of(path), path)
            if other != path:
                raise ConfigError(f'"{name_of(path)}" is shipped twice, as {other} and {path}; uninstall one of the two plugins.')
    return dict(sorted(found.items()))


def _folders() -> list[Path]:
    """The folders of the packages that registered, found without importing them."""
    packages = sorted({point.value for point in importlib.metadata.entry_points(group=GROUP)})
    specs = (importlib.util.find_spec(package) for package in packages)
    return [Path(place) for spec in specs if spec is not None for place in spec.submodule_search_locations or ()]
