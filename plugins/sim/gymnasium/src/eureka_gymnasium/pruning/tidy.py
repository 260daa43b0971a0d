"""Taking out of an environment's code what says nothing of its state: drawing, pickling, metadata."""

from __future__ import annotations

import ast
import re

from eureka_gymnasium.words import text_speaks_of_reward

_DRAWING = re.compile(
    r"^_*draw$|(?:^|_)(?:render\w*|plot\w*|blit|viewer|window|camera\w*|close|display|surf\w*|pygame|metadata|get_keys_to_action|cloud\w*)(?:$|_)"
)
_DECORATORS = ("property", "cached_property", "setter", "staticmethod", "classmethod", "abstractmethod")
_DUNDERS = ("__repr__", "__str__", "__del__", "__getstate__", "__setstate__", "__enter__", "__exit__")


def is_drawing(name: str) -> bool:
    """Whether a method or constant is for drawing or for the interpreter, by its name."""
    return name in _DUNDERS or _DRAWING.search(name.lower()) is not None


def tidy(node: ast.ClassDef | ast.Module) -> set[str]:
    """Change the code in place; returns the attributes of `self` that only what was taken out may have needed."""
    tidier = _Tidier()
    tidier.visit(node)
    return tidier.read


class _Tidier(ast.NodeTransformer):
    def __init__(self) -> None:
        self.read: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if is_drawing(node.name):
            self._drop(node)
            return node
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            # A summary is enough: arguments and returned values are plain from the code.
            summary = first.value.value.strip().partition("\n\n")[0]
            first.value.value = " ".join(summary.split())
            if text_speaks_of_reward(summary):
                node.body.pop(0)
        # One around `step` may change the reward, and none but these says anything of a method.
        node.decorator_list = [d for d in node.decorator_list if _name(d) in _DECORATORS]
        self.generic_visit(node)
        node.returns = None
        _inline_returned_tuple(node)
        node.body = [split for statement in node.body for split in _split_return(statement)] or [ast.Pass()]
        return node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if any(isinstance(n, ast.Attribute | ast.Name) and "render_mode" in _name(n) for n in ast.walk(node.test)):
            self._drop(node.test, *node.body)
            if not node.orelse:
                return None
        self.generic_visit(node)
        node.body = [split for statement in node.body for split in _split_return(statement)] or [ast.Pass()]
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        dropped = [a for a in (*node.posonlyargs, *node.args, *node.kwonlyargs) if is_drawing(a.arg)]
        drop_parameters(node, dropped)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [k for k in node.keywords if k.arg is None or not is_drawing(k.arg)]
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        call = node.value
        if isinstance(call, ast.Call):
            called = call.func
            pickles = isinstance(called, ast.Attribute) and called.attr == "__init__" and _name(called.value) == "EzPickle"
            if pickles or (isinstance(called, ast.Attribute) and is_drawing(called.attr)):
                self._drop(call)
                return None
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        dropped = all(_name(target) in ("metadata", "render_mode") or _is_colour(target) for target in node.targets)
        return None if dropped else self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None

    def _drop(self, *nodes: ast.AST) -> None:
        for inner in (n for node in nodes for n in ast.walk(node)):
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == "self":
                self.read.add(inner.attr)


def drop_parameters(args: ast.arguments, lost: list[ast.arg]) -> None:
    """Take parameters out of a signature, with their defaults."""
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    kept = [(p, d) for p, d in zip(positional, defaults, strict=True) if p not in lost]
    args.posonlyargs = [p for p in args.posonlyargs if p not in lost]
    args.args = [p for p in args.args if p not in lost]
    args.defaults = [d for _, d in kept if d is not None]
    pairs = [(p, d) for p, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if p not in lost]
    args.kwonlyargs, args.kw_defaults = [p for p, _ in pairs], [d for _, d in pairs]


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_colour(target: ast.expr) -> bool:
    """`body.color1`, alone or in a tuple with others."""
    if isinstance(target, ast.Tuple):
        return all(_is_colour(element) for element in target.elts)
    return isinstance(target, ast.Attribute) and target.attr.startswith("color")


def _split_return(node: ast.stmt) -> list[ast.stmt]:
    """`return a if c else b` of two tuples as two returns, so that each tuple can be looked into."""
    value = node.value if isinstance(node, ast.Return) else None
    if isinstance(value, ast.IfExp) and isinstance(value.body, ast.Tuple) and isinstance(value.orelse, ast.Tuple):
        first, second = (ast.copy_location(ast.Return(part), node) for part in (value.body, value.orelse))
        return [ast.copy_location(ast.If(value.test, [first], []), node), second]
    return [node]


def _inline_returned_tuple(node: ast.FunctionDef) -> None:
    """`out = a, b` … `return out`, where `out` is nothing else, as `return a, b`."""
    nodes = list(ast.walk(node))
    if not any(isinstance(n, ast.Return) and isinstance(n.value, ast.Name) for n in nodes):
        return
    names = [n for n in nodes if isinstance(n, ast.Name)]
    for statement in [s for s in nodes if isinstance(s, ast.Assign) and isinstance(s.value, ast.Tuple)]:
        target = statement.targets[0]
        uses = [n for n in names if isinstance(target, ast.Name) and n.id == target.id and n is not target]
        returns = [s for s in nodes if isinstance(s, ast.Return) and s.value in uses]
        if len(statement.targets) == 1 and uses and len(uses) == len(returns) == 1:
            returns[0].value = statement.value
            _remove(node, statement)


def _remove(node: ast.AST, statement: ast.stmt) -> None:
    for inner in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(inner, name, None)
            if isinstance(block, list) and statement in block:
                block.remove(statement)
                if not block and name == "body":
                    block.append(ast.copy_location(ast.Pass(), statement))
