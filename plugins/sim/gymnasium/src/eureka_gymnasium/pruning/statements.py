"""Reading a function's statements into items: what each defines, from what, and under which conditions."""

from __future__ import annotations

import ast

from eureka_gymnasium.pruning.model import Function, Guard, Item, Path
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.trace import direct_var, starred

Guards = tuple[Guard, ...]


def read_items(program: Program, function: Function) -> list[Item]:
    """All of a function's, those of functions nested in it included."""
    assert function.node is not None
    reader = _Reader(program, function)
    reader.body(function.node.body, ())
    return reader.items


class _Reader:
    def __init__(self, program: Program, function: Function) -> None:
        self.program, self.function = program, function
        self.items: list[Item] = []
        self.nested: list[str] = []

    def body(self, statements: list[ast.stmt], guards: Guards) -> None:
        for statement in statements:
            self.statement(statement, guards)

    def statement(self, node: ast.stmt, guards: Guards) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self.bind(target, node.value, node, guards)
            case ast.AnnAssign(value=value) if value is not None:
                self.bind(node.target, value, node, guards)
            case ast.AugAssign():
                self.bind(node.target, node.value, node, guards)
            case ast.Expr():
                self.add("call", node, guards, (node.value,), place=node.value)
            case ast.If():
                inner = (*guards, Guard(node, (node.test,)))
                self.body(node.body, inner)
                self.body(node.orelse, inner)
            case ast.While():
                inner = (*guards, Guard(node, (node.test,)))
                self.body(node.body, inner)
                self.body(node.orelse, inner)
            case ast.For():
                self.bind(node.target, node.iter, node, guards, None)
                inner = (*guards, Guard(node, (node.iter,)))
                self.body(node.body, inner)
                self.body(node.orelse, inner)
            case ast.With():
                inner = (*guards, Guard(node, tuple(item.context_expr for item in node.items)))
                for item in node.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, item.context_expr, node, guards, None)
                self.body(node.body, inner)
            case ast.Try():
                for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                    self.body(part, guards)
            case ast.Match():
                inner = (*guards, Guard(node, (node.subject,)))
                for case_ in node.cases:
                    self.body(case_.body, inner)
            case ast.Return():
                self.returned(node, guards)
            case ast.Raise() | ast.Assert() | ast.Delete():
                self.add("check", node, guards, tuple(n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)))
            case ast.Break() | ast.Continue():
                self.add("jump", node, guards)
            case ast.FunctionDef():
                self.nested.append(node.name)
                self.body(node.body, guards)
                self.nested.pop()
            case ast.ClassDef():
                self.add("def", node, guards, target=ast.Name(node.name, ast.Load()))

    def returned(self, node: ast.Return, guards: Guards) -> None:
        values = () if node.value is None else (node.value,)
        if self.nested:
            self.add("def", node, guards, values, target=ast.Name(self.nested[-1], ast.Load()))
        else:
            self.add("return", node, guards, values)

    def bind(self, target: ast.expr, value: ast.expr, node: ast.stmt, guards: Guards, path: Path | None = (), size: int = 0) -> None:
        """Items for one target, which may be several names. path: which entry of the value it gets; None where nobody can tell."""
        if isinstance(target, ast.Starred):
            self.bind(target.value, value, node, guards, None)
        elif isinstance(target, ast.Tuple | ast.List):
            elements = target.elts
            counted = path is not None and not starred(elements)
            paired = counted and path == () and isinstance(value, ast.Tuple) and len(value.elts) == len(elements)
            for i, element in enumerate(elements):
                if paired:
                    self.bind(element, value.elts[i], node, guards)  # type: ignore[attr-defined]
                else:
                    self.bind(element, value, node, guards, (*path, i) if counted else None, len(elements))  # type: ignore[misc]
        else:
            self.bind_one(target, value, node, guards, path or (), size)

    def bind_one(self, target: ast.expr, value: ast.expr, node: ast.stmt, guards: Guards, path: Path, size: int) -> None:
        direct = direct_var(self.program, target, self.function) is not None or isinstance(target, ast.Name)
        indices = () if direct else tuple(n.slice for n in ast.walk(target) if isinstance(n, ast.Subscript))
        kind = "def" if direct else "mutate"
        self.add(kind, node, guards, (value, *indices), target=target, place=target, path=path, size=size)

    def add(
        self,
        kind: str,
        node: ast.stmt,
        guards: Guards,
        values: tuple[ast.expr, ...] = (),
        target: ast.expr | None = None,
        place: ast.expr | None = None,
        path: Path = (),
        size: int = 0,
    ) -> None:
        var = None if target is None else self.program.root(target, self.function)
        self.items.append(Item(kind, node, self.function, guards, values, var, place, path, size))
