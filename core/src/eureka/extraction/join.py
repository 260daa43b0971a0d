"""Complete a program with definitions the answer has in other blocks, and with the imports models take for granted."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

KNOWN_IMPORTS = {
    **{"np": "import numpy as np", "numpy": "import numpy", "math": "import math"},
    **{"torch": "import torch", "Tensor": "from torch import Tensor"},
    **{name: f"from typing import {name}" for name in ("Any", "Dict", "List", "Mapping", "Optional", "Sequence", "Tuple", "Union")},
}


def completed(code: str, tree: ast.Module, others: Sequence[tuple[str, ast.Module]]) -> tuple[str, tuple[str, ...]]:
    """The program with what it lacks in front, and the repairs that took. `others`: the answer's other programs, in order."""
    elsewhere: dict[str, tuple[int, ast.stmt]] = {}
    for index, (_, other) in enumerate(others):
        for statement in other.body:
            elsewhere.update((name, (index, statement)) for name in defined_names(statement))
    needed: dict[tuple[int, int], str] = {}
    imports: set[str] = set()
    wanted = sorted(missing_names(tree))
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in elsewhere:
            index, statement = elsewhere[name]
            needed[index, statement.lineno] = _source(others[index][0], statement)
            wanted.extend(sorted(missing_names(statement)))
        elif name in KNOWN_IMPORTS:
            imports.add(KNOWN_IMPORTS[name])
    if not needed and not imports:
        return code, ()
    repairs = (*(["joined blocks"] if needed else []), *(f"added `{line}`" for line in sorted(imports)))
    lines = code.split("\n")
    head = max((s.end_lineno or 0 for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"), default=0)
    added = [*sorted(imports), *(needed[place] for place in sorted(needed)), ""]
    return "\n".join([*lines[:head], *added, *lines[head:]]), repairs


def defined_names(statement: ast.stmt) -> Iterator[str]:
    """The names a statement at the top level gives a value to, `from __future__` aside."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.Import) or (isinstance(statement, ast.ImportFrom) and statement.module != "__future__"):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign):
        yield from (node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None and isinstance(statement.target, ast.Name):
        yield statement.target.id


def missing_names(tree: ast.AST) -> set[str]:
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


def _source(code: str, statement: ast.stmt) -> str:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    return "\n".join(code.split("\n")[first - 1 : statement.end_lineno])
