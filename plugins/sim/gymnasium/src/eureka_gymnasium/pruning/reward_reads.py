"""Going backwards from the reward: every variable that it reads, as far back as one can go."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from eureka_gymnasium.pruning.entries import Roots, speaks
from eureka_gymnasium.pruning.model import Function, Item, Loads, Path, Var, chain
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.trace import changed, path_loads, returns


def reward_reads(program: Program, roots: Roots, hide: frozenset[str], alike: set[Var]) -> set[Var]:
    """Variables that the reward reads, directly or through others. alike: those treated as if it read them. hide: names that are reward.

    What stands for the reward (`program.cut`) is looked into here, and only here.
    """
    cut = set(program.cut)
    program.cut.clear()
    program.forget()
    try:
        return _closure(program, roots, [*alike, *_beginnings(program, roots, hide, cut)]) - roots.infos
    finally:
        program.cut |= cut
        program.forget()


def all_reads(program: Program, expr: ast.expr, function: Function, path: Path = ()) -> list[Var]:
    """What an expression reads, the arguments of known calls included."""
    return _with_arguments(program, path_loads(program, expr, function, path), function)


def _with_arguments(program: Program, loads: Loads, function: Function) -> list[Var]:
    found = list(loads.vars)
    for key, call in loads.calls:
        for _, argument in program.bind(key, call):
            found += all_reads(program, argument, function)
    return found


def _beginnings(program: Program, roots: Roots, hide: frozenset[str], cut: set[int]) -> Iterator[Var]:
    yield from roots.names | roots.made
    for function in program.all():
        yield from (("local", function.uid, p.arg) for p in function.params if program.speaks(p.arg))
        if program.speaks(function.name):
            yield ("ret", function.key, ())
    for item in program.items():
        root = changed(program, item)
        if root is not None and (speaks(program, root) or root[-1] in hide):
            yield root
        for node in chain(item.values):
            if id(node) in cut and isinstance(node, ast.expr):
                yield from all_reads(program, node, item.function)


def _closure(program: Program, roots: Roots, todo: list[Var]) -> set[Var]:
    changes: dict[Var, list[Item]] = {}
    handed: dict[Var, list[tuple[ast.expr, Function]]] = {}
    for item in program.items():
        root = changed(program, item)
        if root is not None:
            changes.setdefault(root, []).append(item)
        for key, call in (call for value in item.values for call in program.loads(value, item.function).calls):
            for parameter, argument in program.bind(key, call):
                if parameter is not None:
                    handed.setdefault(parameter, []).append((argument, item.function))
    found: set[Var] = set()
    while todo:
        var = todo.pop()
        if var in found:
            continue
        found.add(var)
        items = list(returns(program, var[1])) if var[0] == "ret" else changes.get(var, [])  # type: ignore[arg-type]
        for item in items if var not in roots.infos else ():
            for i, expr in enumerate((*item.values, *(test for guard in item.guards for test in guard.exprs))):
                path = () if i else var[2] if var[0] == "ret" else item.path
                todo += all_reads(program, expr, item.function, path)  # type: ignore[arg-type]
        for argument, where in handed.get(var, ()):
            todo += all_reads(program, argument, where)
    return found
