"""Turns what the user wrote into a `Config`: defaults below, `--set` on top, every name resolved and every option checked."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from eureka.config_changes import CHANGEABLE, changes, may_change
from eureka.config_lessons import check_lessons
from eureka.config_models import Config
from eureka.config_parts import flat, parse
from eureka.config_resolving import (
    check_pruner,
    check_stop,
    default_isolation,
    resolve_components,
    resolve_initial,
    resolve_start,
    resolve_task,
    resolve_task_changes,
)
from eureka.errors import ConfigError
from eureka.layers import Layers, Origin, parse_set
from eureka.option_files import texts
from eureka.own_trainers import refuse_unconfined
from eureka.pasted_keys import holds_a_key, shown_set
from eureka.secret_values import secret_in
from eureka.suggest import did_you_mean
from eureka.tasks import find_task, list_configs, list_tasks
from eureka.validation import at_place
from eureka.yaml_source import YamlSource, read_yaml

DEFAULTS = Path(__file__).with_name("defaults.yaml")


class Override(NamedTuple):
    """A setting that the command line gives otherwise than by `--set`. where: what was typed, for messages."""

    key: str
    value: Any
    where: str


def load_config(target: str, sets: Sequence[str] = (), overrides: Sequence[Override] = (), only: set[str] | None = None) -> Config:
    """The config in a YAML file, or of that name: a shipped config, or the defaults with a shipped task.

    sets: `KEY.PATH=VALUE`, applied last, over `overrides`; file names in both are relative to the current directory, those in a file to
    that file. only: the kinds of components to resolve, for who needs no others; the rest stays as written.
    Raises ConfigError with a line per mistake. Loads the components' modules, hence neither torch nor a simulator.
    """
    return resolve(layers_of(target, sets, overrides), only)


def layers_of(target: str, sets: Sequence[str] = (), overrides: Sequence[Override] = ()) -> Layers:
    """What `load_config` reads, before any of it is resolved: it knows where each setting was written."""
    path = Path(target).expanduser()
    if not _looks_like_path(target):
        configs, tasks = list_configs(), list_tasks()
        if target in configs:
            path = configs[target]
        elif target in tasks:
            return mapping_layers({"task": target}, target, Path.cwd(), sets, overrides)
        elif not path.is_file():
            known = {**configs, **tasks}
            raise ConfigError(
                f'"{target}" is no file and no shipped config or task{did_you_mean(target, known)} List them with: eureka tasks. '
                f"An environment is given as: --env {target}"
            )
    return _layers(read_yaml(path), path.absolute().parent, sets, overrides)


def load_mapping(
    data: Mapping[str, Any],
    name: str,
    base_dir: Path,
    sets: Sequence[str] = (),
    overrides: Sequence[Override] = (),
    only: set[str] | None = None,
) -> Config:
    """As `load_config`, of a config that is no file. name: what messages call it. base_dir: what its file names are relative to."""
    return resolve(mapping_layers(data, name, base_dir, sets, overrides), only)


def mapping_layers(
    data: Mapping[str, Any], name: str, base_dir: Path, sets: Sequence[str] = (), overrides: Sequence[Override] = ()
) -> Layers:
    """As `layers_of`, of a config that is no file."""
    return _layers(YamlSource(dict(data), {}, name), base_dir, sets, overrides)


def resolve(layers: Layers, only: set[str] | None = None) -> Config:
    """The config that layers come to; see `load_config`."""
    config = resolve_components(resolve_task(parse(layers.data, layers.where), layers), layers, only)
    if only is None or "trainer" in only:
        config = resolve_task_changes(config, layers)
        check_lessons(config, layers)
    if only is None or "pruner" in only:
        check_pruner(config, layers)
    if only is None:
        config = resolve_start(resolve_initial(config, layers), layers)
        check_stop(config, layers)
    if config.isolation is None and only is None:
        config = config.model_copy(update={"isolation": default_isolation(config)})
    if only is None:
        refuse_unconfined(config)
    _refuse_secrets(config, layers)
    return config


def apply_changes(config: Config, sets: Sequence[str]) -> tuple[Config, list[tuple[str, Any, Any]]]:
    """The config of a run that goes on with some settings changed, and the changes: (key, old value, new value).

    A component that was exchanged is one change of the whole component. Raises ConfigError, also for a setting that cannot change.
    """
    layers = Layers(flat(config))
    touched = set()
    for text in sets:
        key, value = parse_set(text)
        if not may_change(key):
            allowed = ", ".join(c if "." in c or c == "isolation" else f"{c}.*" for c in CHANGEABLE)
            raise ConfigError(
                f"--set {shown_set(text)}: {key} cannot change once a run has begun. May change: {allowed}. Or start a new run."
            )
        layers.set(key, value, Origin(f"--set {shown_set(text)}", Path.cwd()))
        touched.add(key.partition(".")[0])
    new = parse(layers.data, layers.where)
    new = resolve_components(new, layers, touched & {"llm", "executor"})
    if new.isolation is None:
        new = new.model_copy(update={"isolation": default_isolation(new)})
    refuse_unconfined(new)
    check_stop(new, layers)
    _refuse_secrets(new, layers)
    return new, changes(config, new)


def with_later_settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a run wrote of its config, with the defaults of the settings that its version, an earlier one, did not know.

    Those are in the sections (`search`, `final`, …); components, which stand beside them, and the seed every version wrote.
    """
    defaults = {key: value for key, value in _defaults().items() if isinstance(value, dict)}
    sections = {key: {**value, **below} for key, value in defaults.items() if isinstance(below := data.get(key, {}), dict)}
    return {"isolation": None, **data, **sections}


@cache
def _defaults() -> dict[str, Any]:
    return read_yaml(DEFAULTS).data


def _layers(source: YamlSource, base_dir: Path, sets: Sequence[str], overrides: Sequence[Override]) -> Layers:
    layers = Layers(_defaults())
    task = source.data.get("task")
    if isinstance(task, str):
        _add_task(layers, task, base_dir, source.at(("task",)))
        source = YamlSource({k: v for k, v in source.data.items() if k != "task"}, source.marks, source.name)
    layers.add(source, base_dir)
    for override in overrides:
        layers.set(override.key, override.value, Origin(override.where, Path.cwd()))
    for text in sets:
        key, value = parse_set(text)
        if key == "task" and isinstance(value, str):
            layers.data.pop("task", None)
            _add_task(layers, value, Path.cwd(), f"--set {shown_set(text)}")
        else:
            layers.set(key, value, Origin(f"--set {shown_set(text)}", Path.cwd()))
    return layers


def _refuse_secrets(config: Config, layers: Layers) -> None:
    """Raise ConfigError where a setting holds one of the host's keys, or `llm` any: a config is kept, and some is sent to the model."""
    for path, text in texts(flat(config)):
        if name := secret_in(text):
            wrong = f"holds the value of the environment variable {name}; take it out of the config, which is kept with the run"
            raise ConfigError(at_place(layers.where(path), path, wrong))
        if path[0] == "llm" and holds_a_key(text):
            wrong = "looks like a key, which does not belong in a config; put it in the environment variable that llm.api_key_env names"
            raise ConfigError(at_place(layers.where(path), path, wrong))


def _add_task(layers: Layers, task: str, base_dir: Path, place: str) -> None:
    try:
        path = Path(base_dir, Path(task).expanduser())
        if not _looks_like_path(task) and not path.is_file():
            path = find_task(task)
        source = read_yaml(path)
    except ConfigError as error:
        raise ConfigError(at_place(place, ("task",), str(error))) from None
    layers.add(source, path.absolute().parent, ("task",))


def _looks_like_path(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) or os.sep in text
