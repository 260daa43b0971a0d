"""Complete a program with definitions the answer has in other blocks, and with the imports models take for granted."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

_KNOWN_IMPORTS = {"np": "import numpy as np", "numpy": "import numpy", "math": "import math"}


def completed(code: str, tree: ast.Module, others: Sequence[tuple[str, ast.Module]]) -> tuple[str, tuple[str, ...]]:
    """The program with what it lacks in front, and the repairs that took. `others`: the answer's other programs, in order."""
    elsewhere: dict[str, tuple[int, ast.stmt]] = {}
    for index, (_, other) in enumerate(others):
        for statement in other.body:
            elsewhere.update((name, (index, statement)) for name in _defined(statement))
    needed: dict[tuple[int, int], str] = {}
    imports: set[str] = set()
    wanted = sorted(_missing(tree))
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in elsewhere:
            index, statement = elsewhere[name]
            needed[index, statement.lineno] = _source(others[index][0], statement)
            wanted.extend(sorted(_missing(statement)))
        elif name in _KNOWN_IMPORTS:
            imports.add(_KNOWN_IMPORTS[name])
    if not needed and not imports:
        return code, ()
    repairs = (*(["joined blocks"] if needed else []), *(f"added `{line}`" for line in sorted(imports)))
    return "\n".join([*sorted(imports), *(needed[place] for place in sorted(needed)), "", code]), repairs


def _source(code: str, statement: ast.stmt) -> str:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    return "\n".join(code.split("\n")[first - 1 : statement.end_lineno])


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).split(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def _missing(tree: ast.AST) -> set[str]:
    """Names read but bound nowhere in it, by whatever scope: an under-estimate, which never adds what is there."""
    read: set[str] = set()
    bound = set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    return read - bound
