"""What is made from the reward, and the entries of dicts that hold it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from eureka_gymnasium.pruning.model import Function, Item, Var, chain
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.trace import changed, entries, item_loads, origins, starred

_APPENDING = ("append", "add", "extend", "appendleft")


@dataclass(slots=True)
class Roots:
    """What was found. Expressions that stand for the reward are in `program.cut`.

    names: variables that are the reward itself. made: these and those computed from them. terms: variables that are summed up in the
    reward, and collections of such; texts: the formulas of both.
    infos, info_values: variables and expressions that `step` and `reset` hand out as info. made_of_terms: variables computed from terms
    that serve nothing else. emptied: cut expressions for which an empty dict is put. keys: entries of dicts that are cut.
    formulas: the expressions that compute the reward. inseparable: statements of which nobody can say what part is the reward.
    """

    names: set[Var] = field(default_factory=set)
    made: set[Var] = field(default_factory=set)
    terms: set[Var] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    infos: set[Var] = field(default_factory=set)
    info_values: list[tuple[ast.expr, Function]] = field(default_factory=list)
    made_of_terms: set[Var] = field(default_factory=set)
    emptied: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    formulas: set[int] = field(default_factory=set)
    inseparable: list[ast.stmt] = field(default_factory=list)


def speaks(program: Program, var: Var) -> bool:
    """Whether a variable's own name speaks of reward."""
    name = var[1][1] if var[0] == "ret" else var[-1]  # type: ignore[index]
    return var[0] != "class" and isinstance(name, str) and program.speaks(name)


def is_made(program: Program, variables: set[Var], made: set[Var]) -> bool:
    """Whether any of them is in `made` or is named after the reward."""
    return any(
        var in made or speaks(program, var) or (var[0] == "ret" and (*var[:2], var[2][:1]) in made)  # type: ignore[index]
        for var in variables
    )


def spread(program: Program, start: set[Var], infos: set[Var]) -> set[Var]:
    """`start`, and all that is computed from it or from what is named after the reward.

    What a dict holds does not make the dict a reward, for its entries can be taken out one by one; neither does what an info holds.
    """
    held = {id(value) for item in program.items() for node in chain(item.values) for _, value in entries(node)} - program.cut
    program.cut |= held
    program.forget()
    made, size = set(start), -1
    while size != len(made):
        size = len(made)
        for item in program.items():
            made |= _made_by(program, item, made, infos)
    program.cut -= held
    program.forget()
    return made


def _made_by(program: Program, item: Item, made: set[Var], infos: set[Var]) -> set[Var]:
    if item.kind == "return" and item.values:
        value, key = item.values[0], item.function.key
        entries = value.elts if isinstance(value, ast.Tuple) and not starred(value.elts) else []
        found = {("ret", key, (k,)) for k, e in enumerate(entries) if is_made(program, program.loads(e, item.function).vars, made)}
        whole = found or (not entries and is_made(program, program.loads(value, item.function).vars, made))
        return {*found, ("ret", key, ())} if whole else set()
    target = changed(program, item)
    changes = item.kind in ("def", "mutate") or (item.kind == "call" and _appends(item))
    if target is None or target in infos or not changes:
        return set()
    return {target} if is_made(program, item_loads(program, item).vars, made) else set()


def _appends(item: Item) -> bool:
    call = item.values[0]
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _APPENDING


def cut_entries(program: Program, roots: Roots) -> None:
    """Take what is made from the reward out of dicts."""
    for item in program.items():
        for node in chain(item.values):
            for key, value in entries(node):
                if id(value) in program.cut or is_made(program, program.loads(value, item.function).vars, roots.made):
                    program.cut.add(id(value))
                    roots.keys.add(key)
        whole = item.kind == "def" and item.target in roots.infos and item.values and not isinstance(item.values[0], ast.Dict)
        if whole and is_made(program, item_loads(program, item).vars, roots.made):
            program.cut.add(id(item.values[0]))
            roots.emptied.add(id(item.values[0]))
    program.forget()


def cut_terms(program: Program, roots: Roots) -> None:
    """Take terms of the reward, and what is computed from nothing else, out of infos and of what they hold."""
    seen: set[int] = set()
    for expr, function in roots.info_values:
        _cut_terms(program, expr, function, roots, seen)
    program.forget()


def _cut_terms(program: Program, expr: ast.expr, function: Function, roots: Roots, seen: set[int]) -> None:
    for origin, where, _ in origins(program, expr, function):
        for node in () if id(origin) in seen else ast.walk(origin):
            seen.add(id(origin))
            for key, value in entries(node):
                if id(value) in program.cut or is_term(program, value, where, roots):
                    program.cut.add(id(value))
                    roots.keys |= {key} if key else {k for o, _, p in origins(program, value, where) if not p for k, _ in entries(o)}
                elif isinstance(value, ast.Name | ast.Attribute | ast.Call):
                    _cut_terms(program, value, where, roots, seen)


def unsigned(expr: ast.expr) -> str:
    """An expression as text, without a sign before it."""
    return ast.unparse(expr).lstrip("-")


def is_term(program: Program, value: ast.expr, function: Function, roots: Roots) -> bool:
    """Whether a value is a term of the reward that is no state, with its sign changed or not, or computed from such terms."""
    return unsigned(value) in roots.texts or is_made(program, program.loads(value, function).vars, roots.made_of_terms)
