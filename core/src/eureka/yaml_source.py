"""Reads YAML 1.2 and remembers where every key stands, so that a later error can name file, line and column."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from eureka.errors import ConfigError
from eureka.suggest import closest

KeyPath = tuple[str | int, ...]


class _Constructor(SafeConstructor):
    """YAML 1.2 has no dates; ruamel still reads 2024-01-01 as one. Here it is text."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A mapping as read. marks: key path → (line, column), both from 1, of the key or list item; a merged-in key has none."""

    data: dict[Any, Any]
    marks: dict[KeyPath, tuple[int, int]]
    name: str

    def at(self, path: KeyPath) -> str:
        """`FILE:LINE:COLUMN` of the key, or of the nearest one around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.marks:
                line, column = self.marks[path[:end]]
                return f"{self.name}:{line}:{column}"
        return self.name


def read_yaml(path: Path) -> YamlSource:
    """Read a file whose top level is a mapping. Raises ConfigError, with the place, for anything else."""
    name = shown(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(no_such_file(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: byte {error.start} is not UTF-8 text.") from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read ({error.strerror}).") from None
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> YamlSource:
    """Parse text whose top level is a mapping; see `read_yaml`. name: what messages call it."""
    try:
        node = _yaml().compose(text)
        marks = {} if node is None else {path: _place(child) for path, child in _walk(node, (), ())}
        data = _yaml().load(text)
    except YAMLError as error:
        raise ConfigError(_open_quote(error, text, name) or _explain(error, name)) from None
    except RecursionError:
        raise ConfigError(f"{name}: the nesting is too deep, or an alias contains itself.") from None
    if data is None:
        raise ConfigError(f"{name}: is empty; expected keys and values.")
    if not isinstance(data, dict):
        found = "a list" if isinstance(data, list) else "a single value"
        raise ConfigError(f"{name}:1:1: expected keys and values (key: value), found {found}.")
    return YamlSource(data, marks, name)


def parse_value(text: str) -> Any:
    """The value in `--set KEY=VALUE`: a YAML scalar, `[a, b]` or `{a: b}`. Raises ConfigError where it is none of these.

    Text that YAML would take for a block (`Land: softly`) is text here, for a block does not fit behind `=`.
    """
    try:
        value = _yaml().load(text)
    except YAMLError as error:
        problem = str(getattr(error, "problem", None) or "not YAML").splitlines()[0]
        raise ConfigError(f"{text!r} is no YAML value: {problem}; put text with special characters into double quotes.") from None
    if isinstance(value, (dict, list)) and text.lstrip()[:1] not in ("{", "["):
        return text
    return value


def dump(data: Any) -> str:
    """YAML in block style, keys in the order given; reading it gives the same data."""
    yaml = _yaml()
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 2**16  # folding long lines is where YAML writers lose spaces
    yaml.representer.ignore_aliases = lambda *_: True
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def shown(path: Path) -> str:
    """The path as a user would write it: relative where it lies below the current directory."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def no_such_file(path: Path) -> str:
    """`FILE: no such file`, and the neighbour that was probably meant, or those there are."""
    try:
        neighbours = sorted(p.stem for p in path.parent.iterdir() if p.suffix == path.suffix)
    except OSError:
        return f"{shown(path)}: no such file; there is no folder {shown(path.parent)}."
    near = closest(path.stem, neighbours)
    if near is not None:
        return f'{shown(path)}: no such file; did you mean "{near}{path.suffix}"?'
    beside = ", ".join(f"{stem}{path.suffix}" for stem in neighbours[:8]) + (", …" if len(neighbours) > 8 else "")
    return f"{shown(path)}: no such file. Beside it: {beside or 'nothing like it'}."


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml


def _walk(node: Node, path: KeyPath, around: tuple[Node, ...]) -> Iterator[tuple[KeyPath, Node]]:
    """Every key (or list item) below a node, by path."""
    if any(node is outer for outer in around):
        raise RecursionError
    around = (*around, node)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield (*path, key.value), key
                yield from _walk(value, (*path, key.value), around)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item
            yield from _walk(item, (*path, index), around)


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _open_quote(error: YAMLError, text: str, name: str) -> str:
    """Where the quote opens that is not closed, or is by the next one, lines later; empty where it is no quote that was forgotten."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return ""
    opens, ends = error.context_mark, ""
    if error.context != "while scanning a quoted scalar":
        opens = None
        with suppress(YAMLError):
            for token in _yaml().scan(text):
                if token.start_mark.index >= error.problem_mark.index:
                    break
                if getattr(token, "style", None) in ("'", '"') and token.start_mark.line < token.end_mark.line == error.problem_mark.line:
                    opens, ends = token.start_mark, f", and is taken to end on line {token.end_mark.line + 1}"
    return f"{name}:{opens.line + 1}:{opens.column + 1}: a quote is not closed: it opens here{ends}." if opens is not None else ""


def _explain(error: YAMLError, name: str) -> str:
    if isinstance(error, ReaderError):
        return f"{name}: character {error.position + 1} ({error.character!r}) is not allowed in YAML."
    if not isinstance(error, MarkedYAMLError):
        return f"{name}: {' '.join(str(error).split())}"
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
    # Only the first line: ruamel goes on with advice for programmers.
    problem = str(error.problem or error.context or "not YAML").splitlines()[0]
    context = f" {error.context}" if error.problem and error.context else ""
    return f"{place}: {problem}{context}."
