"""Where the reward is in an environment's code: what `step` returns second, what is named after it, what is made from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from eureka_gymnasium.pruning.entries import Roots, cut_entries, spread, unsigned
from eureka_gymnasium.pruning.model import ENV, Function, Key, Var, chain
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.tables import cut_tables
from eureka_gymnasium.pruning.trace import direct_var, known_call, origins, returns, starred

# `np.clip(raw, -1, 1)`, `sum([a, b])`: what is done to a sum.
_OF_SUMS = ("clip", "float", "sum", "min", "max", "minimum", "maximum", "tanh", "float32", "float64")
_COLLECTIONS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp)


def find_roots(program: Program, hide: frozenset[str]) -> Roots:
    """Mark what stands for the reward in `program.cut`, and say the rest."""
    roots = Roots()
    _cut_hidden(program, hide)
    for key in _step_chain(program, roots):
        _find_infos(program, key, roots, -1, 3)
    _find_infos(program, (ENV, "reset"), roots, 1, 2)
    _cut_named(program)
    cut_tables(program, roots.names)
    program.forget()
    roots.made = spread(program, roots.names, roots.infos)
    cut_entries(program, roots)
    return roots


def _cut_hidden(program: Program, hide: frozenset[str]) -> None:
    for item in program.items():
        for node in chain((*item.values, *(e for guard in item.guards for e in guard.exprs))) if hide else ():
            called = node.func if isinstance(node, ast.Call) else node
            name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else None
            if name in hide and isinstance(getattr(called, "ctx", None), ast.Load):
                program.cut.add(id(node))


# ── What step returns ────────────────────────────────────────────────────────────────────────────────────────────────


def _step_chain(program: Program, roots: Roots) -> list[Key]:
    """`step` and the functions whose result it hands on; cuts the reward in what each returns."""
    chained = [(ENV, "step")] if (ENV, "step") in program.functions else []
    # `step = _step`, `step = jit(_step)` directly in the class.
    names = [node.id for item in program.defs(("attr", ENV, "step")) for node in chain(item.values) if isinstance(node, ast.Name)]
    chained += [(ENV, name) for name in names if (ENV, name) in program.functions]
    for key in chained:
        for item in returns(program, key):
            value = _unpacked(item.values[0])
            if id(value) in program.cut:
                continue
            following = known_call(program, value, item.function)
            if following is not None:
                chained += [following] if following not in chained else []
            elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) > 2 and not starred(value.elts[:2]):
                _cut_reward(program, item.function, value.elts, roots)
            elif isinstance(value, ast.Name):
                if not _handed_on(program, item.function, value.id):
                    roots.inseparable.append(item.node)
                for made in program.defs(("local", item.function.uid, value.id)):
                    following = known_call(program, _unpacked(made.values[0]), made.function)
                    chained += [following] if following is not None and following not in chained else []
            elif not _opaque_step(value):
                roots.inseparable.append(item.node)
    return chained


def _cut_reward(program: Program, function: Function, elements: list[ast.expr], roots: Roots) -> None:
    """Cut the second thing returned. A name that also says whether the episode ends is no reward of its own."""
    reward = elements[1]
    ends = {element.id for element in map(_converted, elements[2:4]) if isinstance(element, ast.Name)}
    kept_in_dicts = {v for item in program.items() for node in chain(item.values) if isinstance(node, ast.Dict) for v in node.values}
    for expr, where, path in origins(program, reward, function):
        if path:
            continue
        var = direct_var(program, expr, where)
        if isinstance(expr, ast.Name) and expr.id in ends and where is function:
            break
        if var is not None:
            roots.names.add(var)
        elif not isinstance(expr, ast.Constant):
            if known_call(program, expr, where) is None and not _is_general(program, expr, where):
                roots.formulas.add(id(expr))
            if isinstance(expr, ast.Attribute | ast.Subscript):
                program.places.add(ast.unparse(expr))
                roots.names.add(("place", ast.unparse(expr)))
            if expr in kept_in_dicts:
                program.cut.add(id(expr))
            for term, of in _terms(program, expr, where):
                _add_term(program, term, of, roots)
    program.cut.add(id(reward))


def _is_general(program: Program, expr: ast.expr, function: Function) -> bool:
    """Whether a result is of its function's arguments alone, and others call it with other arguments: `clip(x, low, high)`."""
    own = {("local", function.uid, p.arg) for p in function.params}
    calls = [
        call
        for item in program.items()
        for value in item.values
        for key, call in program.loads(value, item.function).calls
        if key == function.key
    ]
    return bool(own) and program.loads(expr, function).vars <= own and len({ast.dump(call) for call in calls}) > 1


def _converted(expr: ast.expr) -> ast.expr:
    """`x` for `bool(x)`."""
    return expr.args[0] if isinstance(expr, ast.Call) and len(expr.args) == 1 and not expr.keywords else expr


def _add_term(program: Program, term: ast.expr, function: Function, roots: Roots) -> None:
    var = direct_var(program, term, function)
    if var is None:
        roots.texts.add(unsigned(term))
    if var is None or var[0] == "global":
        return
    roots.terms.add(var)
    formulas = [item.values[0] for item in program.defs(var) if item.values and item.path == ()]
    for formula in formulas:
        text = unsigned(formula)
        if not isinstance(formula, ast.Constant | ast.Name | ast.Attribute) and text not in roots.texts:
            roots.texts.add(text)
            for inner, of in _terms(program, formula, function):
                _add_term(program, inner, of, roots)


def _terms(program: Program, expr: ast.expr, function: Function) -> Iterator[tuple[ast.expr, Function]]:
    """What is summed up in an expression, and the collections that it reads."""
    for node in ast.walk(expr):
        var = program.name_var(node.id, function) if isinstance(node, ast.Name) else None
        if var is not None and any(
            isinstance(o, _COLLECTIONS) for o, _, path in origins(program, cast(ast.expr, node), function) if not path
        ):
            yield node, function  # type: ignore[misc]
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Add | ast.Sub):
        yield from _terms(program, expr.left, function)
        yield from _terms(program, expr.right, function)
        return
    inner: list[ast.expr] = []
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Mult | ast.Div):
        factors = [side for side in (expr.left, expr.right) if not isinstance(side, ast.Constant)]
        sums: list[ast.expr] = [side for side in factors if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add | ast.Sub)]
        inner = factors if len(factors) == 1 else sums
    elif isinstance(expr, ast.UnaryOp):
        inner = [expr.operand]
    elif isinstance(expr, ast.Call) and expr.args and ast.unparse(expr.func).rpartition(".")[2] in _OF_SUMS:
        inner = expr.args[0].elts if isinstance(expr.args[0], ast.List | ast.Tuple) else expr.args[:1]
    if not isinstance(expr, ast.Constant | ast.UnaryOp):
        yield expr, function
    for part in inner:
        yield from _terms(program, part, function)


def _unpacked(value: ast.expr) -> ast.expr:
    """`x` for `tuple(x)`."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("tuple", "list") and len(value.args) == 1:
        value = value.args[0]
    return value


def _opaque_step(value: ast.expr) -> bool:
    """`super().step(action)` of a base without source, `self.env.step(action)`, `self._sim.advance(a)`: made elsewhere."""
    value = _unpacked(value)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and len(value.args) + len(value.keywords) <= 1


def _is_step(program: Program, value: ast.expr, function: Function) -> bool:
    return known_call(program, _unpacked(value), function) is not None or _opaque_step(value)


def _handed_on(program: Program, function: Function, name: str) -> bool:
    """Whether a local is nothing but another step's result; then what is done to its second entry is cut."""
    var: Var = ("local", function.uid, name)
    made = program.defs(var)
    if not made or not all(item.path == () and item.values and _is_step(program, item.values[0], function) for item in made):
        return False
    for item in function.items:
        index = item.place.slice if item.target == var and isinstance(item.place, ast.Subscript) else None
        if isinstance(index, ast.Constant) and index.value == 1:
            item.kind, item.target = "def", ("local", function.uid, "reward")
    for node in chain(value for item in function.items for value in item.values):
        of_it = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name
        if of_it and isinstance(node.slice, ast.Constant) and node.slice.value == 1:  # type: ignore[attr-defined]
            program.cut.add(id(node))
    return True


def _find_infos(program: Program, key: Key, roots: Roots, index: int, least: int) -> None:
    for item in returns(program, key):
        value = item.values[0]
        if isinstance(value, ast.Tuple) and len(value.elts) >= least:
            info = value.elts[index]
            # `{**info, "more": x}` hands `info` on.
            merged = [v for k, v in zip(info.keys, info.values, strict=True) if k is None] if isinstance(info, ast.Dict) else []
            var = direct_var(program, info, item.function)
            roots.infos |= set() if var is None else {var}
            found = {v for part in merged if (v := direct_var(program, part, item.function)) is not None}
            roots.infos |= found - roots.terms - roots.names
            roots.info_values.append((info, item.function))


# ── What is named after it ───────────────────────────────────────────────────────────────────────────────────────────


def _cut_named(program: Program) -> None:
    """Entries of tuples that are a reward by name, entries of dicts and keyword arguments under such a key."""
    for item in program.items():
        for node in chain(item.values):
            if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
                program.cut.update(id(element) for element in node.elts if _named(program, element))
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if _speaking_key(program, key) or (key is None and _named(program, value)):
                        program.cut.add(id(value))
            elif isinstance(node, ast.Call):
                known = program.callee(node, item.function)
                for keyword in node.keywords:
                    if known is None and (program.speaks(keyword.arg) if keyword.arg else _named(program, keyword.value)):
                        program.cut.add(id(keyword.value))
                if isinstance(node.func, ast.Attribute) and node.func.attr == "__init__":
                    program.cut.update(id(argument) for argument in node.args if _named(program, argument))


def _named(program: Program, expr: ast.expr) -> bool:
    name = expr.id if isinstance(expr, ast.Name) else expr.attr if isinstance(expr, ast.Attribute) else None
    return name is not None and program.speaks(name)


def _speaking_key(program: Program, key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and program.speaks(key.value)
