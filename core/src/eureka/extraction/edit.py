"""Edits of a program by the places its syntax tree gives, so that strings and comments stay as they are."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

_DEF = re.compile(rb"(?:async\s+)?def\s+")


def without_main(code: str, tree: ast.Module) -> str:
    """The program without its `if __name__ == "__main__":` blocks, which no import of it would run."""
    lines = code.split("\n")
    for statement in reversed(tree.body):
        if isinstance(statement, ast.If) and not statement.orelse and _asks_for_main(statement.test):
            del lines[statement.lineno - 1 : statement.end_lineno]
    return "\n".join(lines)


def without_script(code: str, tree: ast.Module) -> str:
    """The program without the decorator `@torch.jit.script`: where rewards are compiled, the whole program is, helpers too."""
    lines = code.split("\n")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for decorator in sorted((d for f in functions for d in f.decorator_list), key=lambda d: d.lineno, reverse=True):
        if ast.unparse(decorator) in ("torch.jit.script", "torch.jit.script_if_tracing"):
            del lines[decorator.lineno - 1 : decorator.end_lineno]
    return "\n".join(lines)


def _asks_for_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and [type(operator) for operator in test.ops] == [ast.Eq]
        and {getattr(side, "id", getattr(side, "value", None)) for side in (test.left, *test.comparators)} == {"__name__", "__main__"}
    )


def renamed(code: str, tree: ast.Module, old: str, new: str) -> str:
    """The program with the function `old` of its top level, and all calls of it, under the name `new`."""
    lines = [line.encode() for line in code.split("\n")]  # the tree counts columns in bytes
    for node in sorted(_uses(tree, old), key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line = lines[node.lineno - 1]
        start = node.col_offset
        if not isinstance(node, ast.Name) and (keyword := _DEF.match(line, start)):
            start = keyword.end()
        word = re.match(r"\w+", line[start:].decode(errors="ignore"))
        if word and unicodedata.normalize("NFKC", word[0]) == old:  # before 3.12 what stands in an f-string has no place of its own
            lines[node.lineno - 1] = line[:start] + new.encode() + line[start + len(word[0].encode()) :]
    return b"\n".join(lines).decode()


def _uses(tree: ast.Module, name: str) -> Iterator[ast.Name | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Where a name means what the top level calls so: not in a function that gives it a meaning of its own."""
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if statement.name == name:
                yield statement
            if _gives_meaning(statement, name):
                continue
        yield from (node for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id == name)


def _gives_meaning(function: ast.AST, name: str) -> bool:
    return any(
        (isinstance(node, ast.arg) and node.arg == name)
        or (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (node is not function and isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name)
        for node in ast.walk(function)
    )
