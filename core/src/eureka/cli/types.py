"""Writes an option's Python type in the words of somebody who fills in YAML."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_WORDS = {int: "int", float: "number", str: "text", bool: "true or false", type(None): "null", Any: "any"}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def type_in_words(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """`int ≥ 1 or null`, `adam or sgd`, `list of text`. metadata: pydantic's, for the bounds."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_in_words(arguments[0], (*metadata, *arguments[1:]))
    if origin in (Union, types.UnionType):
        return " or ".join(type_in_words(argument, () if argument is type(None) else metadata) for argument in arguments)
    bounds = [
        f"{sign} {getattr(item, name)}" for item in metadata for name, sign in _SIGNS.items() if getattr(item, name, None) is not None
    ]
    return f"{_word(annotation)} {', '.join(bounds)}".rstrip()


def _word(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(str(argument) for argument in arguments)
    if annotation in _WORDS:
        return _WORDS[annotation]
    cls = origin if origin is not None else annotation
    if isinstance(cls, type):
        if issubclass(cls, PurePath):
            return "path"
        if issubclass(cls, Mapping):
            return "mapping"
        if issubclass(cls, (Sequence, Set)):
            inner = [argument for argument in arguments if argument is not Ellipsis]
            return f"list of {type_in_words(inner[0])}" if inner else "list"
        return cls.__name__
    return str(annotation)
