"""Programs inside of JSON: the strings of an answer's objects that hold code."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from eureka.extraction.parse import Work

_STARTS = 3  # tries at where an object begins among prose
_START = re.compile(r'^[ \t]*(?=[{\["])', re.MULTILINE)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\\?\Z))|,(?=\s*[}\]])', re.DOTALL)  # strings match first: commas inside of them stay


def code_strings(text: str, work: Work) -> list[str]:
    """The strings with a function in them, in order; a list of lines counts as one string. Takes line ends in strings, a comma too many
    and Python's quotes too."""
    starts = [match.end() for match in _START.finditer(text)][:_STARTS]
    for source in (text, _COMMA.sub(lambda match: match[1] or " ", text)) if starts else ():  # a blank keeps every position
        for start in starts:
            try:
                value, _ = json.JSONDecoder(strict=False).raw_decode(source, start)
            except (ValueError, RecursionError):
                continue
            if found := _strings(value):
                return found
    if text.lstrip()[:1] in ("{", "[", '"', "'") and (tree := work.parse(text.strip()).tree) and isinstance(tree.body[0], ast.Expr):
        try:
            return _strings(ast.literal_eval(tree.body[0].value))
        except (ValueError, TypeError, MemoryError, RecursionError):
            pass
    return []


def _strings(value: Any) -> list[str]:
    waiting: list[Any] = [value]
    strings: list[str] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            value = "\n".join(value)
        if isinstance(value, str):
            inner = _decoded(value)
            (waiting if isinstance(inner, (dict, list)) else strings).append(inner)
        elif isinstance(value, (dict, list, tuple)):
            waiting.extend(reversed(list(value.values()) if isinstance(value, dict) else value))
    return [string for string in strings if "def " in string]


def _decoded(string: str) -> Any:
    """What a string of JSON within JSON holds, as the arguments of a tool call; any other string as it is."""
    if string.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(string, strict=False)
        except (ValueError, RecursionError):
            pass
    return string
