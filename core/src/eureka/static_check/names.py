"""What the names of a program stand for: modules, things taken from modules, what it defines itself, or nothing at all."""

from __future__ import annotations

import ast
import builtins
import math
import platform
import re
import symtable
import typing
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from eureka.extraction import FUNCTION
from eureka.static_check.allowed_numpy import BUILTINS, INSTEAD, NUMPY, TYPES
from eureka.static_check.allowed_torch import FORBIDDEN_OF_TORCH, TORCH
from eureka.static_check.forbidden_names import FORBIDDEN
from eureka.static_check.refusal import did_you_mean, refuse

Library = Literal["numpy", "torch"]

_INSTALLED = {"numpy": np, "numpy.linalg": np.linalg, "numpy.typing": npt, "math": math, "typing": typing}
_PRESENT = {name: frozenset(dir(module)) for name, module in _INSTALLED.items()}
_NUMPY = {module: names & _PRESENT.get(module, names) for module, names in NUMPY.items()}
OFFERED: dict[Library, dict[str, frozenset[str]]] = {"numpy": _NUMPY, "torch": {**_NUMPY, **TORCH}}
"""Array library → module → what may be taken from it here, with the numpy and the Python that are installed."""

_GENERIC = ("dict", "frozenset", "list", "set", "tuple")
_IMPORTS = {"numpy": "numpy (as np), numpy.linalg, math and typing", "torch": "torch, torch.linalg, numpy (as np), math and typing"}
_WHY_NOT = {**FORBIDDEN, "torch": FORBIDDEN_OF_TORCH}


@dataclass
class Imports:
    """modules: name → module. taken: name → (module, its name there). aliases: names of types the program gives."""

    library: Library
    modules: dict[str, str] = field(default_factory=dict)
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)

    def module(self, node: ast.expr) -> str | None:
        """The module an expression such as `np` or `np.linalg` stands for."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute) and (outer := self.module(node.value)) is not None:
            inner = f"{outer}.{node.attr}"
            return inner if inner in OFFERED[self.library] else None
        return None

    def origin(self, node: ast.expr) -> tuple[str, str] | None:
        """(module, name) of what an expression such as `np.sqrt`, or `sqrt` after `from numpy import sqrt`, stands for."""
        if isinstance(node, ast.Name):
            return self.taken.get(node.id)
        if isinstance(node, ast.Attribute) and (module := self.module(node.value)) is not None:
            return module, node.attr
        return None

    def is_generic(self, node: ast.expr) -> bool:
        """Whether it may stand before brackets in an annotation."""
        return (isinstance(node, ast.Name) and node.id in _GENERIC) or self.is_type(node)

    def is_type(self, node: ast.expr) -> bool:
        """Whether it is what only annotations and `isinstance` may hold, such as `np.ndarray` and `Dict[str, np.ndarray]`."""
        if isinstance(node, ast.Name) and node.id in self.aliases:
            return True
        if isinstance(node, ast.Subscript):
            return self.is_generic(node.value)
        if isinstance(node, ast.BinOp):
            return self.is_type(node.left) or self.is_type(node.right)
        origin = self.origin(node)
        return origin is not None and origin[1] in TYPES.get(origin[0], ())


def read_imports(tree: ast.Module, library: Library) -> Imports:
    """What every import anywhere in the program binds. Refuses what is not offered."""
    found, offered = Imports(library), OFFERED[library]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in offered or alias.name == "__future__":
                    _refuse_import(f"import {alias.name}", alias.name, library, node)
                root = alias.name.partition(".")[0]
                _bind_module(found, alias.asname or root, alias.name if alias.asname else root, node)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module not in offered:
                _refuse_import(f"from {module} import …", module, library, node)
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                if inner in offered:
                    _bind_module(found, alias.asname or alias.name, inner, node)
                elif alias.name in offered[module] or alias.name in TYPES.get(module, ()):
                    found.taken[alias.asname or alias.name] = (module, alias.name)
                elif alias.name == "*":
                    refuse(f"`from {module} import *` is not allowed; import the module, or each name that is used", node)
                else:
                    refuse(not_offered(module, alias.name, module), node)
    return found


def _bind_module(found: Imports, name: str, module: str, node: ast.AST) -> None:
    if found.modules.setdefault(name, module) != module:
        refuse(f"`{name}` is imported as two modules; give them two names", node)


def _refuse_import(statement: str, module: str, library: Library, node: ast.AST) -> None:
    root, _, inner = module.partition(".")
    if root == "torch" and library == "numpy":
        refuse(f"`{statement}` is not allowed: the arrays of this task are numpy's; write `import numpy as np` and use `np`", node)
    reason = _WHY_NOT.get(root, {}).get(inner)
    because = f": it {reason}" if reason else ""
    refuse(f"`{statement}` is not allowed{because}; a reward may import {_IMPORTS[library]}, and nothing else", node)


def not_offered(module: str, name: str, written: str) -> str:
    """Why `module.name` may not be used. written: the module as it stands in the program."""
    offered = OFFERED["torch"].get(module, frozenset())
    reason = _WHY_NOT.get(module, {}).get(name)
    near = "." if reason else did_you_mean(name, offered)
    instead = INSTEAD.get(name, "") if module == "numpy" else ""
    if instead and set(re.findall(r"np\.(\w+)", instead)) <= offered | {"linalg"}:
        near = f"; use `{instead}`."
    if module in _PRESENT and name not in _PRESENT[module] and module != "typing":
        version = f"numpy {np.__version__}" if module.startswith("numpy") else f"Python {platform.python_version()}"
        what = f"`{written}.{name}` does not exist in {version}{near}"
    else:
        what = f"`{written}.{name}` is not allowed{f': it {reason}' if reason else ''}{near}"
    return (
        f"{what} A reward may use the functions of {module} that compute from arrays and numbers: none that read or write files, draw "
        "random numbers, change settings or lead to other modules"
    )


def check_names(tree: ast.Module, table: symtable.SymbolTable, variables: Collection[str]) -> None:
    """Every name is an argument, defined by the program, or a harmless builtin."""
    defined = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
    lines: dict[str, list[int]] | None = None
    for scope, around in _scopes(table, frozenset()):
        for symbol in scope.get_symbols():
            name = symbol.get_name()
            if symbol.is_referenced() and symbol.is_global() and name not in defined and name not in BUILTINS:
                lines = _loads(tree) if lines is None else lines
                if name not in lines:  # only in annotations that are never evaluated
                    continue
                line = min((line for line in lines[name] if line >= scope.get_lineno()), default=min(lines[name]))
                if name in variables:
                    refuse(f"`{name}` is a variable of this task, but no argument here; add it to the arguments of `{FUNCTION}`", line)
                known = hasattr(builtins, name)
                what = "not available to a reward." if known else f"not defined{did_you_mean(name, {*defined, *around, *BUILTINS})}"
                refuse(
                    f"`{name}` is {what} A reward may use its arguments, what it defines and imports, and the builtins "
                    f"{', '.join(sorted(BUILTINS))}",
                    line,
                )


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _scopes(table: symtable.SymbolTable, outer: frozenset[str]) -> Iterator[tuple[symtable.SymbolTable, frozenset[str]]]:
    """Each scope with the local names that are seen in it."""
    seen = outer | {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()}
    yield table, seen
    for child in table.get_children():
        yield from _scopes(child, seen)


def _loads(tree: ast.Module) -> dict[str, list[int]]:
    """The lines that read each name, but for annotations that are never evaluated."""
    lazy = postponed(tree)
    found: dict[str, list[int]] = {}
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, []).append(node.lineno)
        unread: set[ast.AST | None] = set()
        if (isinstance(node, ast.AnnAssign) and (lazy or inside)) or (isinstance(node, ast.arg) and lazy):
            unread.add(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            inside = True
            if lazy:
                unread.add(node.returns)
        waiting.extend((child, inside) for child in ast.iter_child_nodes(node) if child not in unread)
    return found


def postponed(tree: ast.Module) -> bool:
    """Whether `from __future__ import annotations` turns all annotations into text."""
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
