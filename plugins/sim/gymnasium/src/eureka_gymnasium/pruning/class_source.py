"""The Python source of an environment's classes, its own first, then those it builds on up to Gymnasium's."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

# Plumbing that says nothing of one environment: what is common to all (an Atari game is not in its class), and the standard library.
PLUMBING = (
    "gymnasium.core", "gymnasium.utils", "gymnasium.wrappers", "gymnasium.vector", "gymnasium.envs.mujoco.mujoco_env", "ale_py",
    "eureka_gymnasium",
    *sys.stdlib_module_names,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassSource:
    """One class and where it is written. tree: the module it stands in, parsed anew, so that it may be changed."""

    cls: type[Any]
    file: str
    node: ast.ClassDef
    tree: ast.Module


def class_sources(cls: type[Any]) -> list[ClassSource]:
    """The sources found along the class's bases; empty where there is none, as for a compiled extension."""
    return [source for base in cls.__mro__ if not is_plumbing(base) and (source := _source(base)) is not None]


def is_plumbing(cls: type[Any]) -> bool:
    """Whether a class is Gymnasium's or Python's own, which every environment shares."""
    module = cls.__module__
    # A script's classes live in `__main__`, which is also the name of a module of the standard library.
    return module != "__main__" and any(module == name or module.startswith(f"{name}.") for name in PLUMBING)


def _source(cls: type[Any]) -> ClassSource | None:
    file = _file(cls)
    module = sys.modules.get(cls.__module__)
    lines = _lines(file, module) if file is not None else ""
    if file is None or not lines:
        return None
    try:
        tree = ast.parse(lines)
    except SyntaxError:
        return None
    node = _find(tree, cls)
    return None if node is None else ClassSource(cls, file, node, tree)


def _file(cls: type[Any]) -> str | None:
    try:
        return inspect.getsourcefile(cls)
    except TypeError:  # The module is not registered; its functions still know where they were written.
        return next((value.__code__.co_filename for value in vars(cls).values() if inspect.isfunction(value)), None)


@lru_cache(maxsize=64)
def _lines(file: str, module: ModuleType | None) -> str:
    return "".join(linecache.getlines(file, None if module is None else vars(module)))


def _find(tree: ast.Module, cls: type[Any]) -> ast.ClassDef | None:
    """The class's definition; of several with its name the one whose methods stand where its functions were compiled."""
    named = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == cls.__name__]
    compiled = {name: value.__code__.co_firstlineno for name, value in vars(cls).items() if inspect.isfunction(value)}
    for node in named:
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name in compiled]
        if any(compiled[m.name] == min([m.lineno, *(d.lineno for d in m.decorator_list)]) for m in methods):
            return node
    return named[-1] if named else None
