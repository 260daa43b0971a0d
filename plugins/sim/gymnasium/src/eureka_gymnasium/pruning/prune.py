"""An environment's source without its reward, as text for a prompt."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eureka_gymnasium.pruning.class_source import ClassSource, class_sources
from eureka_gymnasium.pruning.leftovers import Leftover, find_leftovers
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.rewrite import Rewriter
from eureka_gymnasium.pruning.roots import find_roots
from eureka_gymnasium.pruning.slicing import Slice
from eureka_gymnasium.pruning.tidy import is_drawing, tidy
from eureka_gymnasium.words import speaks_of_reward, without_reward

# A longer constant is data (a map, a polygon), not something to reason with.
_MAX_CONSTANT = 400


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of source that makes sense as it is: a constant, a function, the head of a class or one of its methods, indented."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """parts: in reading order. leftovers: what must not be shown, for it still tells the reward."""

    parts: tuple[Part, ...]
    leftovers: tuple[Leftover, ...]


def analyse(cls: type[Any], hide: Iterable[str] = (), with_drawing: bool = True) -> tuple[list[ClassSource], Slice] | None:
    """What of a class's source serves the reward alone; None where there is no source.

    with_drawing: what serves drawing alone counts as the reward's too.
    """
    sources = class_sources(cls)
    if not sources:
        return None
    hidden = frozenset(hide)
    _drop_replaced(sources)
    drawn = {name for source in sources for name in tidy(source.tree)}
    program = Program(sources, lambda name: name in hidden or speaks_of_reward(name), is_drawing)
    roots = find_roots(program, hidden)
    return sources, Slice(program, roots, hidden, frozenset(drawn if with_drawing else ()), frozenset(drawn))


def prune(cls: type[Any], hide: Iterable[str] = ()) -> Pruned | None:
    """The class's source, and of its modules what it needs, without the reward. None where there is no source."""
    found = analyse(cls, hide)
    if found is None:
        return None
    sources, slice_ = found
    read = _keys_read(source.tree for source in {s.file: s for s in sources}.values())
    rewriter = Rewriter(slice_, frozenset(hide))
    live = {id(function.node) for function in slice_.program.all() if rewriter.function(function) is not None}
    written = _Written(slice_, live)
    classes = [(node, source.file) for source in sources if (node := written.class_(source.node)) is not None]
    nodes: list[tuple[ast.stmt, str]] = [*written.support(classes), *classes]
    _without_settings(slice_, read, nodes)
    _rename(nodes)
    leftovers = find_leftovers(slice_, nodes)
    return Pruned(tuple(part for node, _ in nodes for part in _parts(node)), tuple(leftovers))


def _drop_replaced(sources: list[ClassSource]) -> None:
    """Take methods of bases out that a class before them replaces without calling them."""
    names = {source.node.name for source in sources}
    called = {
        node.attr
        for source in sources
        for node in ast.walk(source.node)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id == "super")
            or (isinstance(node.value, ast.Name) and node.value.id in names)
        )
    }
    seen: set[str] = set()
    for source in sources:
        kept = [s for s in source.node.body if not (isinstance(s, ast.FunctionDef) and s.name in seen and s.name not in called)]
        seen |= {s.name for s in kept if isinstance(s, ast.FunctionDef)}
        source.node.body = kept or [ast.copy_location(ast.Pass(), source.node)]


class _Written:
    """Putting together what stays. live: ids of functions that do."""

    def __init__(self, slice_: Slice, live: set[int]) -> None:
        self._slice, self._live = slice_, live
        self._kept = {id(item.node) for item in slice_.kept}

    def class_(self, node: ast.ClassDef) -> ast.ClassDef | None:
        """The class with what stays; None for one that was nothing but a reward."""
        body: list[ast.stmt] = []
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                stays = id(item) in self._live and not is_drawing(item.name)
            else:
                stays = isinstance(item, ast.Assign | ast.AnnAssign) and id(item) in self._kept and not _names_drawing(item)
            body += [item] if stays else []
        node.body = body or [ast.copy_location(ast.Pass(), node)]
        node.bases = [base for base in node.bases if "EzPickle" not in ast.unparse(base)]
        told = [*node.bases, node]
        return None if not body and any(speaks_of_reward(_last_name(n)) for n in told) else node

    def support(self, classes: list[tuple[ast.ClassDef, str]]) -> list[tuple[ast.stmt, str]]:
        """Constants, functions and classes of the modules that what stays names, as they stand in their files."""
        found: dict[int, tuple[ast.stmt, str]] = {}
        todo: list[tuple[ast.AST, str]] = list(classes)
        while todo:
            node, module = todo.pop()
            for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}:
                statement = self._slice.program.globals.get((module, name))
                if statement is not None and id(statement) not in found and not hasattr(builtins, name) and not is_drawing(name):
                    kept = self._support(statement)
                    if kept is not None:
                        found[id(statement)] = (kept, module)
                        todo.append((kept, module))
        return sorted(found.values(), key=lambda entry: (entry[1], entry[0].lineno))

    def _support(self, statement: ast.stmt) -> ast.stmt | None:
        if isinstance(statement, ast.ClassDef):
            return self.class_(statement)
        if isinstance(statement, ast.FunctionDef):
            return statement if id(statement) in self._live else None
        return statement if len(ast.unparse(statement)) <= _MAX_CONSTANT else None


def _names_drawing(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(isinstance(target, ast.Name) and is_drawing(target.id) for target in targets)


def _keys_read(trees: Iterable[ast.AST]) -> set[str]:
    """What is read as `x["key"]`, `x.get("key")` or `x.key`."""
    found: set[str] = set()
    for node in (n for tree in trees for n in ast.walk(tree)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str() as key), ctx=ast.Load()):
                found.add(key)
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str() as key), *_]):
                found.add(key)
            case ast.Attribute(attr=key, ctx=ast.Load()):
                found.add(key)
    return found


def _without_settings(slice_: Slice, read: set[str], nodes: list[tuple[ast.stmt, str]]) -> None:
    """Take settings out of dicts that only what is left out read, and those whose names speak of reward."""
    lost = read - _keys_read(node for node, _ in nodes)
    for inner in (n for node, _ in nodes for n in ast.walk(node)):
        if isinstance(inner, ast.Dict):
            kept = [
                (k, v)
                for k, v in zip(inner.keys, inner.values, strict=True)
                if not (isinstance(k, ast.Constant) and isinstance(k.value, str) and (k.value in lost or slice_.program.speaks(k.value)))
            ]
            inner.keys, inner.values = [k for k, _ in kept], [v for _, v in kept]
        elif isinstance(inner, ast.Call) and ast.unparse(inner.func).rpartition(".")[2] in ("dict", "SimpleNamespace"):
            inner.keywords = [k for k in inner.keywords if k.arg is None or not (k.arg in lost or slice_.program.speaks(k.arg))]


def _rename(nodes: list[tuple[ast.stmt, str]]) -> None:
    """Give classes and bases whose names speak of reward others: a name is no code."""
    classes = {inner.name for node, _ in nodes for inner in ast.walk(node) if isinstance(inner, ast.ClassDef)}
    for inner in (n for node, _ in nodes for n in ast.walk(node)):
        if isinstance(inner, ast.Name) and inner.id in classes:
            inner.id = _neutral(inner.id)
        elif isinstance(inner, ast.ClassDef):
            inner.name = _neutral(inner.name)
            for base in inner.bases:
                if isinstance(base, ast.Attribute):
                    base.attr = _neutral(base.attr)
                elif isinstance(base, ast.Name):
                    base.id = _neutral(base.id)


def _neutral(name: str) -> str:
    return without_reward(name) if speaks_of_reward(name) else name


def _last_name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))))


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parts(node: ast.stmt) -> list[Part]:
    if not isinstance(node, ast.ClassDef):
        return [Part(getattr(node, "name", ""), ast.unparse(node))]
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    node.body = [item for item in node.body if item not in methods] or [ast.Pass()]
    head = ast.unparse(node)
    if methods:
        head = head.removesuffix("\n    pass")
    return [Part(node.name, head), *(Part(f"{node.name}.{m.name}", _indented(ast.unparse(m))) for m in methods)]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.split("\n"))
