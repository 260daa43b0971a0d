"""Says what is wrong with a setting in plain words: pydantic's errors, each as one line with its place in the YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from eureka.pasted_keys import names_a_secret, without_keys
from eureka.suggest import closest
from eureka.yaml_source import KeyPath

_COMPARED = {"greater_than_equal": ("≥", "ge"), "greater_than": (">", "gt"), "less_than_equal": ("≤", "le"), "less_than": ("<", "lt")}
_NOT_A = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text",
    "path": "a path",
    "model": "a mapping (key: value)",
    "dict": "a mapping (key: value)",
    "mapping": "a mapping (key: value)",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "iterable": "a list",
    "none": "null",
}


def explain(
    error: ValidationError, model: type[BaseModel], data: Any, at: KeyPath = (), where: Callable[[KeyPath], str] = lambda path: ""
) -> list[str]:
    """One line per setting that is wrong: `FILE:LINE:COLUMN: key.path: what is wrong, what is valid.`

    data: what was validated. at: its key path in the config. where: gives the place of a key path, empty if there is none to tell.
    """
    found: dict[KeyPath, list[str]] = {}
    for details in error.errors(include_url=False):
        path = _path(details, data)
        messages = found.setdefault(path, [])
        message = _message(details, model, path)
        if message not in messages:
            messages.append(message)
    return [at_place(where((*at, *path)), (*at, *path), " and ".join(messages)) for path, messages in found.items()]


def at_place(place: str, path: KeyPath, message: str) -> str:
    """`PLACE: key.path: message.`"""
    ended = message if message.endswith((".", "?", "!")) else f"{message}."
    return ": ".join(part for part in (place, dotted(path), ended) if part)


def dotted(path: KeyPath) -> str:
    """`task.variables.x`, `extensions[0].mode`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def show(value: Any) -> str:
    """A value as it stands in YAML, shortened, without keys."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "…" if isinstance(value, (dict, list)) and names_a_secret(text) else without_keys(text)
    return text if len(text) <= 60 else f"{text[:57]}…"


def field_names(model: type[BaseModel]) -> list[str]:
    """The keys a mapping for this model may have."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _path(details: ErrorDetails, data: Any) -> KeyPath:
    """The error's place in the data, without what pydantic adds for members of unions and the like."""
    path: list[str | int] = []
    location = details["loc"]
    for index, part in enumerate(location):
        keys: Any = data if isinstance(data, Mapping) else range(len(data)) if isinstance(data, (list, tuple)) else ()
        if part in keys:
            path.append(part)
            data = data[part]
        elif details["type"] == "missing" and index == len(location) - 1:
            path.append(part)
    return tuple(path)


def _message(details: ErrorDetails, model: type[BaseModel], path: KeyPath) -> str:
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    shown = "…" if names_a_secret(dotted(path)) else show(value)
    if kind == "missing":
        field = next((f for m in _models_at(model, path[:-1]) for n, f in m.model_fields.items() if (f.alias or n) == path[-1]), None)
        return f"is missing: {field.description}" if field is not None and field.description else "is missing"
    if kind == "extra_forbidden":
        names = list(dict.fromkeys(name for m in _models_at(model, path[:-1]) for name in field_names(m)))
        near = closest(str(path[-1]), names)
        hint = f'did you mean "{near}"? ' if near is not None else ""
        pasted = " A key goes into an environment variable: export …_API_KEY=…" if names_a_secret(str(path[-1])) else ""
        return f"unknown key; {hint}Valid: {', '.join(names) or 'none'}.{pasted}"
    if kind in _COMPARED:
        sign, key = _COMPARED[kind]
        return f"{shown} is not {sign} {context[key]}"
    if kind in ("literal_error", "enum"):
        near = closest(str(value), str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", "))
        hint = f'; did you mean "{near}"?' if near is not None else ""
        return f"{shown} is not {str(context['expected']).replace(chr(39), chr(34))}{hint}"
    if kind in ("value_error", "assertion_error"):
        return str(context["error"]) if "error" in context else details["msg"]
    if kind in ("too_short", "string_too_short"):
        return f"{shown} is too short; at least {context['min_length']} expected"
    if kind in ("too_long", "string_too_long"):
        return f"{shown} is too long; at most {context['max_length']} expected"
    expected = _NOT_A.get(kind.split("_")[0])
    if expected is not None and kind.endswith(("_type", "_parsing", "_from_float", "_number", "_required", "_attributes_type", "_size")):
        return f"{shown} is not {expected}"
    return f"{shown}: {' '.join(details['msg'].split())}"


def _models_at(model: type[BaseModel], path: KeyPath) -> list[type[BaseModel]]:
    """The models a mapping at this path may be read as: several where a field takes one of several."""
    models: list[type[BaseModel]] = [model]
    for part in path:
        fields = [(m, n, f) for m in models for n, f in m.model_fields.items() if part in (n, f.alias)]
        if fields:
            models = [inner for _, _, field in fields for inner in _models_in(field.annotation)]
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
