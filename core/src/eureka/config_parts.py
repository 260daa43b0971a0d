"""Between a `Config` and its YAML form, where a component is one mapping of `use` and its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from eureka.config_models import Config
from eureka.errors import ConfigError
from eureka.kinds import KINDS
from eureka.layers import normalised
from eureka.types import ComponentSpec
from eureka.validation import at_place, explain, field_names
from eureka.yaml_source import KeyPath

# What a task cannot do without and cannot guess: how it is written, and something valid.
_NEEDED: dict[str, tuple[str, Any]] = {
    "sim": ("{use: gymnasium, env: CartPole-v1}", {"use": "gymnasium"}),
    "fitness": ("{value: native} for the sum of the environment's own reward, or {value: FILE.py:function}", {"value": "native"}),
}


def components(config: Config) -> list[tuple[KeyPath, str, ComponentSpec]]:
    """Every component the config names: key path, kind, spec."""
    found: list[tuple[KeyPath, str, ComponentSpec]] = [(("task", "sim"), "sim", config.task.sim)]
    for kind in KINDS.values():
        value = getattr(config, kind.name, None)
        if isinstance(value, ComponentSpec):
            found.append(((kind.name,), kind.name, value))
        elif kind.many:
            found += [((kind.name, index), kind.name, spec) for index, spec in enumerate(value or ())]
    return found


def flat(config: Config) -> dict[str, Any]:
    """The config as plain data in the form its YAML has."""
    data = config.model_dump(mode="json", by_alias=True)
    for path, _, spec in components(config):
        target: Any = data
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = spec.as_yaml()
    return data


def parse(data: dict[str, Any], where: Callable[[KeyPath], str]) -> Config:
    """Check the YAML form against the models. Raises ConfigError with a line per mistake; `where` gives a key path's place."""
    if {"sim", "fitness"} <= set(data):
        raise ConfigError(f"{where(('sim',))}: this is a task, not a config; a config names it: task: PATH/task.yaml")
    problems: list[str] = []

    def spec(value: Any, path: KeyPath) -> Any:
        if isinstance(value, dict) and isinstance(value.get("use"), str):
            return ComponentSpec(use=value["use"], options={k: v for k, v in value.items() if k != "use"})
        wrong = (
            "has no `use`; name the component" if isinstance(value, dict) else "is not a component; give its name, or a mapping with `use`"
        )
        problems.append(at_place(where(path), path, wrong))
        return ComponentSpec(use="")

    data = normalised(data)
    if isinstance(data.get("task"), dict):
        task = data["task"] = dict(data["task"])
        for key, (example, filler) in _NEEDED.items():
            if key not in task:
                problems.append(at_place(where(("task",)), ("task", key), f"is missing; such as {key}: {example}"))
                task[key] = filler  # so that it is said once
        task["sim"] = spec(task["sim"], ("task", "sim"))
    for kind in KINDS.values():
        if kind.name not in data or kind.name not in field_names(Config):
            continue
        value = data[kind.name]
        if not kind.many:
            data[kind.name] = None if kind.name == "llm" and value is None else spec(value, (kind.name,))
        elif isinstance(value, list):
            data[kind.name] = tuple(spec(item, (kind.name, index)) for index, item in enumerate(value))
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems += explain(error, Config, data, where=where)
    if problems:
        raise ConfigError("\n".join(problems))
    return config
