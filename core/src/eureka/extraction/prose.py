"""A program that stands among prose with nothing to mark it: each passage from one unindented line to the next is code or is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from eureka.extraction.join import KNOWN_IMPORTS, defined_names, missing_names
from eureka.extraction.parse import DEFINITIONS, Parsed, Work

_PASSAGES, _JOINS = 200, 5  # passages tried as code; how many may belong to one function, as where a docstring is not indented
_DEFINITION = re.compile(r"(?:async\s+def|def|class)\s+\w+\s*[(:\[]|@\w|import\s+\w+|from\s+[\w.]+\s+import\s")
_STATEMENT = re.compile(r"(?:if|for|while|with|try)\b|[A-Za-z_][\w.]*\s*\(|[A-Za-z_][^=\n]*=")
_FUNCTION = re.compile(r"(?:async\s+)?def\s+(\w+)")


def program_among_prose(text: str, work: Work) -> tuple[str, Parsed] | None:
    """The passages that are code as one program, or the function that does not parse; None when there is neither function nor class."""
    passages = list(_passages(text))
    kept: list[tuple[str, ast.Module]] = []
    broken: list[tuple[str, str, Parsed]] = []
    tried = after = 0
    for index, passage in enumerate(passages):
        definition = _DEFINITION.match(passage)
        if index < after or tried == _PASSAGES or not (definition or _STATEMENT.match(passage)):
            continue
        tried += 1
        parsed = work.parse(passage)
        if parsed.tree is None and definition:
            passage, parsed, after = _longer_or_shorter(passages, index, parsed, work)
            if parsed.tree is None and (function := _FUNCTION.match(passage)):
                broken.append((function[1], passage, parsed))
        if parsed.tree is not None and any(_is_code(statement) for statement in parsed.tree.body):
            kept.append((passage, parsed.tree))
    names = {name for _, tree in kept for statement in tree.body for name in defined_names(statement)} | set(KNOWN_IMPORTS)
    # A formula of the prose, `reward = a + b`, parses too; unlike code, it takes what nothing defines.
    kept = [(p, tree) for p, tree in kept if not isinstance(tree.body[0], ast.Assign) or missing_names(tree) <= names]
    whole = {s.name for _, tree in kept for s in tree.body if isinstance(s, (*DEFINITIONS, ast.ClassDef))}
    for name, passage, parsed in reversed(broken):
        if name not in whole:
            return passage, parsed
    if not whole:
        return None
    code = "\n".join(passage.rstrip() + "\n" for passage, _ in kept)
    return code, work.parse(code)


def _passages(text: str) -> Iterator[str]:
    """Each begins at an unindented line. What all definitions are indented by is no indentation."""
    lines = text.split("\n")
    depth = min((len(line) - len(line.lstrip(" \t")) for line in lines if _DEFINITION.match(line.lstrip(" \t"))), default=0)
    passage: list[str] = []
    for line in lines:
        line = line[depth:] if not line[:depth].strip() else line.lstrip()
        if line[:1] not in ("", " ", "\t", ")", "]", "}", "#"):
            if passage:
                yield _ended("\n".join(passage))
            passage = []
        passage.append(line)
    yield _ended("\n".join(passage))


def _ended(passage: str) -> str:
    """Without the comments at its end: headings of the text look like them."""
    lines = passage.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines)


def _longer_or_shorter(passages: list[str], index: int, first: Parsed, work: Work) -> tuple[str, Parsed, int]:
    """With the passages after it, or without the indented prose below its last `return`; and the number of the next passage."""
    passage = passages[index]
    for end in range(index + 2, min(index + 2 + _JOINS, len(passages) + 1)):
        longer = "\n".join(passages[index:end])
        if (parsed := work.parse(longer)).tree is not None:
            return longer, parsed, end
    lines = passage.split("\n")
    if first.line is not None and first.line > 2 and not lines[first.line - 2].strip():
        shorter = "\n".join(lines[: first.line - 1])
        parsed = work.parse(shorter)
        if parsed.tree is not None and isinstance(getattr(parsed.tree.body[-1], "body", [None])[-1], ast.Return):
            return shorter, parsed, index + 1
    return passage, first, index + 1


def _is_code(statement: ast.stmt) -> bool:
    """Of what parses, `Enjoy` and `Note: balance` are prose; a call is code, wanted or not, for the static check to judge."""
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    return not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Call)
