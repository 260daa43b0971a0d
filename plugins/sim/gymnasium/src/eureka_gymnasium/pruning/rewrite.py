"""Writing a function again with only what a slice keeps."""

from __future__ import annotations

import ast

from eureka_gymnasium.pruning.entries import speaks
from eureka_gymnasium.pruning.model import ENV, Function, Item, Path, Var
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.slicing import Slice
from eureka_gymnasium.pruning.tidy import drop_parameters
from eureka_gymnasium.pruning.trace import starred
from eureka_gymnasium.words import without_reward

_FIXED = ("step", "reset", "observation", "action")


class Rewriter:
    """Changes the nodes in place; a node is written once."""

    def __init__(self, slice_: Slice, hide: frozenset[str]) -> None:
        self.slice, self.program, self._hide = slice_, slice_.program, hide
        self._places: dict[int, list[Item]] = {}
        self._nodes: dict[int, list[Item]] = {}
        for item in self.program.items():
            self._nodes.setdefault(id(item.node), []).append(item)
            if item.place is not None:
                self._places.setdefault(id(item.place), []).append(item)

    def function(self, function: Function) -> ast.FunctionDef | None:
        """The function without the reward; None where nothing of it stays."""
        node = function.node
        if node is None or not self.slice.is_live(function.key):
            return None
        lost = [p for p in function.params if self.is_lost(function, p.arg)]
        drop_parameters(node.args, lost)
        body = _Body(self, function).block(node.body)
        while body and isinstance(body[-1], ast.Return) and body[-1].value is None:
            body.pop()
        node.body = body or [ast.copy_location(ast.Pass(), node)]
        if self.program.speaks(node.name):
            node.name = without_reward(node.name)
        return node

    def is_lost(self, function: Function, name: str) -> bool:
        """Whether a parameter served the reward alone."""
        var: Var = ("local", function.uid, name)
        if name in self._hide:
            return True
        fixed = function.owner == ENV and function.name in _FIXED
        return not fixed and var not in self.slice.needed and (var in self.slice.reward or speaks(self.program, var))

    def keeps_target(self, place: ast.expr, node: ast.stmt) -> bool:
        return any(item in self.slice.kept for item in self._places.get(id(place), ()) if item.node is node)

    def items(self, node: ast.stmt) -> list[Item]:
        return self._nodes.get(id(node), [])

    def keeps(self, node: ast.stmt) -> bool:
        return any(item in self.slice.kept for item in self.items(node))


class _Body:
    """The statements of one function."""

    def __init__(self, rewriter: Rewriter, function: Function) -> None:
        self.rewriter, self.function = rewriter, function
        self.expressions = _Expressions(rewriter, function)

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [kept for statement in statements for kept in self.statement(statement)]

    def expr(self, node: ast.expr) -> ast.expr:
        return self.expressions.visit(node)  # type: ignore[return-value]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        spare = self.spare(node)
        match node:
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                return [*spare, *self.assignment(node)]
            case ast.If() | ast.While():
                node.body, node.orelse = self.block(node.body), self.block(node.orelse)
                if not node.body and not node.orelse:
                    return []
                node.test = self.expr(node.test)
                if isinstance(node, ast.If) and not node.body:
                    node.test, node.body, node.orelse = _negated(node.test), node.orelse, []
            case ast.For():
                node.body, node.orelse = self.block(node.body), self.block(node.orelse)
                if not node.body and not node.orelse:
                    return []
                node.target, node.iter = self.target(node.target, node) or _blank(node.target), self.expr(node.iter)
            case ast.With():
                node.body = self.block(node.body)
                if not node.body:
                    return []
                for item in node.items:
                    item.context_expr = self.expr(item.context_expr)
            case ast.Try():
                node.body, node.orelse, node.finalbody = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
                for handler in node.handlers:
                    handler.body = self.block(handler.body) or [ast.copy_location(ast.Pass(), handler)]
                if not node.body or not (node.handlers or node.finalbody):
                    return [*node.body, *node.finalbody]
            case ast.Match():
                for case_ in node.cases:
                    case_.body = self.block(case_.body)
                if not any(case_.body for case_ in node.cases):
                    return []
                for case_ in node.cases:
                    case_.body = case_.body or [ast.copy_location(ast.Pass(), node)]
                node.subject = self.expr(node.subject)
            case ast.Return():
                return [*spare, *self.returned(node)]
            case ast.Expr() if isinstance(node.value, ast.Constant):
                return [node] if isinstance(node.value.value, str) and node is self.function.node.body[0] else []  # type: ignore[union-attr]
            case ast.Expr():
                if not self.rewriter.keeps(node):
                    return spare
                node.value = self.expr(node.value)
            case ast.FunctionDef():
                return self.nested(node)
            case ast.Raise() | ast.Assert() | ast.Delete() | ast.Break() | ast.Continue():
                if not self.rewriter.keeps(node):
                    return []
                self.expressions.generic_visit(node)
            case ast.ClassDef():
                return [node] if self.rewriter.keeps(node) else []
            case ast.Pass():
                return []
        if isinstance(node, ast.While | ast.For) and not node.body:
            node.body = [ast.copy_location(ast.Pass(), node)]
        return [*spare, node]

    def spare(self, node: ast.stmt) -> list[ast.stmt]:
        """Calls that do something, out of what is not kept."""
        slice_ = self.rewriter.slice
        found: list[ast.stmt] = []
        seen: set[int] = set()
        for item in self.rewriter.items(node):
            if item not in slice_.residual or isinstance(node, ast.For | ast.With):
                continue
            if item not in slice_.kept and any(other in slice_.kept for other in self.rewriter.items(node) if other.values == item.values):
                continue
            for call in slice_.spare_calls(item):
                if id(call) not in seen and slice_.acts(call, self.function):
                    seen.update(id(inner) for inner in ast.walk(call))
                    found.append(ast.copy_location(ast.Expr(self.expressions.call(call)), call))
        return found

    def assignment(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.stmt]:
        if isinstance(node, ast.AnnAssign) and node.value is None:
            return []
        if not isinstance(node, ast.Assign):
            if not self.rewriter.keeps_target(node.target, node):
                return []
            assert node.value is not None
            node.value = self.expr(node.value)
            return [node]
        value = node.value
        if isinstance(value, ast.Tuple) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
            pairs = list(zip(node.targets[0].elts, value.elts, strict=False))
            if len(pairs) == len(value.elts) == len(node.targets[0].elts) and not any(isinstance(t, ast.Starred) for t, _ in pairs):
                return self.pairs(node, pairs)
        node.targets = [kept for target in node.targets if (kept := self.target(target, node)) is not None]
        if not node.targets:
            return []
        node.value = self.expr(value)
        return [node]

    def pairs(self, node: ast.Assign, pairs: list[tuple[ast.expr, ast.expr]]) -> list[ast.stmt]:
        kept = [(new, self.expr(value)) for target, value in pairs if (new := self.target(target, node)) is not None]
        if not kept:
            return []
        if len(kept) == 1:
            node.targets, node.value = [kept[0][0]], kept[0][1]
        else:
            node.targets = [ast.copy_location(ast.Tuple([t for t, _ in kept], ast.Store()), node)]
            node.value = ast.copy_location(ast.Tuple([v for _, v in kept], ast.Load()), node)
        return [node]

    def target(self, target: ast.expr, node: ast.stmt) -> ast.expr | None:
        """A target without what is not kept, as `_` in a tuple; None where nothing is."""
        if isinstance(target, ast.Tuple | ast.List):
            elements = [self.target(element, node) for element in target.elts]
            if all(element is None for element in elements):
                return None
            target.elts = [new or _blank(old) for old, new in zip(target.elts, elements, strict=True)]
            return target
        inner = target.value if isinstance(target, ast.Starred) else target
        return target if self.rewriter.keeps_target(inner, node) else None

    def returned(self, node: ast.Return) -> list[ast.stmt]:
        items = self.rewriter.items(node)
        if not items or items[0].kind != "return":
            if items and not self.rewriter.keeps(node):
                return []
            node.value = None if node.value is None else self.expr(node.value)
            return [node]
        if not self.rewriter.keeps(node):
            return []
        key = self.function.key
        wanted = {var[2] for var in self.rewriter.slice.needed if var[0] == "ret" and var[1] == key}
        value = node.value
        if value is None or not wanted:
            node.value = None
        else:
            node.value = self.wanted(value, wanted)  # type: ignore[arg-type]
        return [node]

    def wanted(self, value: ast.expr, paths: set[Path]) -> ast.expr:
        """A returned value with `...` for the entries that nobody takes."""
        if () in paths or not isinstance(value, ast.Tuple) or starred(value.elts):
            return self.expr(value)
        for i, element in enumerate(value.elts):
            inner = {path[1:] for path in paths if path[0] == i}
            value.elts[i] = self.wanted(element, inner) if inner else _dots(element)
        return value

    def nested(self, node: ast.FunctionDef) -> list[ast.stmt]:
        var: Var = ("local", self.function.uid, node.name)
        slice_ = self.rewriter.slice
        if var not in slice_.needed and (var in slice_.reward or speaks(self.rewriter.program, var)):
            return []
        if node.name in self.rewriter._hide:
            return []
        node.body = self.block(node.body) or [ast.copy_location(ast.Pass(), node)]
        return [node]


class _Expressions(ast.NodeTransformer):
    """Puts `...` for what is cut and leaves out entries and arguments that served the reward alone."""

    def __init__(self, rewriter: Rewriter, function: Function) -> None:
        self.rewriter, self.function = rewriter, function
        self.program: Program = rewriter.program

    def visit(self, node: ast.AST) -> ast.AST:
        if id(node) in self.program.cut:
            empty = id(node) in self.rewriter.slice.roots.emptied
            return ast.copy_location(ast.Dict([], []), node) if empty else _dots(node)
        return super().visit(node)  # type: ignore[no-any-return]

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if id(value) not in self.program.cut]
        node.keys, node.values = [key for key, _ in pairs], [value for _, value in pairs]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self.call(node)

    def call(self, node: ast.Call) -> ast.Call:
        """A call without the arguments that are lost, even where its result is cut."""
        key = self.program.callee(node, self.function)
        lost: set[int] = set()
        if key is not None:
            arguments = [id(argument) for argument in node.args]
            for var, argument in self.program.bind(key, node):
                if var is None:
                    continue
                callee = next(f for f in self.program.functions[key] if f.uid == var[1])
                if self.rewriter.is_lost(callee, str(var[2])):
                    lost.add(id(argument))
                elif var not in self.rewriter.slice.needed and id(argument) in arguments:
                    self.program.cut.add(id(argument))
        node.args = [argument for argument in node.args if id(argument) not in lost]
        lost |= {id(k.value) for k in node.keywords if id(k.value) in self.program.cut or self.is_lost_field(node, k)}
        node.keywords = [k for k in node.keywords if id(k.value) not in lost]
        if key is not None and self.program.speaks(key[1]) and isinstance(node.func, ast.Attribute):
            node.func.attr = without_reward(key[1])
        elif key is not None and self.program.speaks(key[1]) and isinstance(node.func, ast.Name):
            node.func.id = without_reward(key[1])
        return self.generic_visit(node)  # type: ignore[return-value]

    def is_lost_field(self, call: ast.Call, keyword: ast.keyword) -> bool:
        """Whether an argument of a dataclass gives a field that served the reward alone."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        var: Var = ("attr", name, keyword.arg)
        return bool(self.program.defs(var)) and var not in self.rewriter.slice.needed and var in self.rewriter.slice.reward


def _dots(node: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Constant(...), node)


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _blank(node: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name("_", ast.Store()), node)
