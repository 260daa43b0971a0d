"""Following a value through names, calls and tuples to the expressions it comes from.

A path says which entry of a tuple is meant, from the outside in: (1, 0) is `b` in `a, (b, c)`; () is the whole.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from eureka_gymnasium.pruning.model import Function, Item, Key, Loads, Path, Var
from eureka_gymnasium.pruning.program import Program

_SAME = ("float", "int", "bool", "tuple", "list", "float32", "float64", "asarray", "item")


def known_call(program: Program, value: ast.expr, function: Function) -> Key | None:
    """The known function that an expression is a call of."""
    return program.callee(value, function) if isinstance(value, ast.Call) and id(value) not in program.cut else None


def starred(elements: list[ast.expr]) -> bool:
    """Whether positions cannot be counted."""
    return any(isinstance(element, ast.Starred) for element in elements)


def path_loads(program: Program, expr: ast.expr, function: Function, path: Path) -> Loads:
    """What one entry of an expression's value reads; everything it reads where that cannot be told."""
    if id(expr) in program.cut:
        return Loads()
    if path and isinstance(expr, ast.Tuple | ast.List) and path[0] < len(expr.elts) and not starred(expr.elts[: path[0] + 1]):
        return path_loads(program, expr.elts[path[0]], function, path[1:])
    loads = program.loads(expr, function)
    key = known_call(program, expr, function)
    if path and key is not None:
        return Loads({*(loads.vars - {("ret", key, ())}), ("ret", key, path)}, loads.calls)
    return loads


def item_loads(program: Program, item: Item) -> Loads:
    """What an item reads."""
    found = Loads()
    for i, value in enumerate(item.values):
        loads = path_loads(program, value, item.function, item.path if i == 0 else ())
        found.vars |= loads.vars
        found.calls += loads.calls
    return found


def returns(program: Program, key: Key) -> Iterator[Item]:
    """The return statements of a function that give a value."""
    for function in program.functions.get(key, ()):
        yield from (item for item in function.items if item.kind == "return" and item.values)


def direct_var(program: Program, expr: ast.expr, function: Function) -> Var | None:
    """The variable that an expression is, with nothing done to it."""
    if isinstance(expr, ast.Name) or (isinstance(expr, ast.Attribute) and program.owner_of(expr.value, function) is not None):
        return program.root(expr, function)
    return None


def origins(
    program: Program, expr: ast.expr, function: Function, path: Path = (), seen: set[tuple[int, Path]] | None = None
) -> Iterator[tuple[ast.expr, Function, Path]]:
    """Every expression whose value, or the entry at `path`, this one may have: itself, and all that was merely handed on."""
    seen = set() if seen is None else seen
    if (id(expr), path) in seen:
        return
    seen.add((id(expr), path))
    yield expr, function, path
    follow: list[tuple[ast.expr, Function, Path]] = []
    key = program.callee(expr, function) if isinstance(expr, ast.Call) else None
    var = direct_var(program, expr, function)
    if var is not None:
        follow += [(i.values[0], i.function, (*i.path, *path)) for i in program.defs(var) if i.values and not isinstance(i.node, ast.For)]
        if isinstance(expr, ast.Attribute) and var[:2] != ("local",) and (var[1], var[2]) in program.functions:
            follow += [(i.values[0], i.function, path) for i in returns(program, (var[1], var[2]))]  # type: ignore[arg-type]
    elif key is not None:
        follow += [(item.values[0], item.function, path) for item in returns(program, key)]
    elif isinstance(expr, ast.Call) and len(expr.args) == 1 and _called(expr) in _SAME:
        follow.append((expr.args[0], function, path))
    elif isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute) and expr.func.attr == "item" and not expr.args:
        follow.append((expr.func.value, function, path))
    elif isinstance(expr, ast.Subscript) and isinstance(expr.slice, ast.Constant) and isinstance(expr.slice.value, int):
        follow.append((expr.value, function, (expr.slice.value, *path)))
    elif isinstance(expr, ast.Subscript) and isinstance(expr.slice, ast.Constant):
        held = [(o, f) for o, f, p in origins(program, expr.value, function) if not p]
        follow += [(v, f, path) for o, f in held for k, v in entries(o) if k == expr.slice.value]
    elif isinstance(expr, ast.Tuple | ast.List) and path and 0 <= path[0] < len(expr.elts) and not starred(expr.elts[: path[0] + 1]):
        follow.append((expr.elts[path[0]], function, path[1:]))
    elif isinstance(expr, ast.IfExp):
        follow += [(expr.body, function, path), (expr.orelse, function, path)]
    for next_expr, next_function, next_path in follow:
        yield from origins(program, next_expr, next_function, next_path, seen)


def entries(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Keys and values of `{…}` or `dict(…)`; the key is empty where it is no constant, or the value is a `**` mapping."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield (str(key.value) if isinstance(key, ast.Constant) else ""), value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        yield from ((keyword.arg or "", keyword.value) for keyword in node.keywords)


def aliases(program: Program, var: Var) -> set[Var]:
    """What a local may be a part of: `self.P` for `row = self.P[s]`."""
    found: set[Var] = set()
    todo = [var]
    while todo:
        current = todo.pop()
        for item in program.defs(current) if current[0] == "local" else ():
            if item.values and (root := program.root(_iterated(item.values[0]), item.function)) is not None and root not in found:
                found.add(root)
                todo.append(root)
    return found


def changed(program: Program, item: Item) -> Var | None:
    """The variable that an item binds, or that holds what it changes."""
    call = item.values[0] if item.kind == "call" else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return program.root(call.func.value, item.function)
    return item.target


def _iterated(expr: ast.expr) -> ast.expr:
    """`legs` for `enumerate(legs)`."""
    while isinstance(expr, ast.Call) and isinstance(expr.func, ast.Name) and expr.args:
        expr = expr.args[0]
    return expr


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
