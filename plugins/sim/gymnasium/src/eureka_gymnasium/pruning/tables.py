"""Rewards that are looked up in a table of transitions, as in Gymnasium's grid worlds: `p, s, r, t = self.P[s][a][i]`."""

from __future__ import annotations

import ast

from eureka_gymnasium.pruning.model import Item, Var, chain
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.trace import aliases, changed, known_call, starred


def cut_tables(program: Program, rewards: set[Var]) -> None:
    """Cut the reward's entry in every tuple that fills such a table. rewards: variables that are the reward."""
    for item in list(program.items()):
        if item.target in rewards and len(item.path) == 1 and known_call(program, item.values[0], item.function) is None:
            root = program.root(item.values[0], item.function)
            tables = set() if root is None else {root, *aliases(program, root)}
            for filling in program.items():
                filled = changed(program, filling)
                if filled is not None and tables & {filled, *aliases(program, filled)}:
                    _cut_entry(program, filling, item.path[0], item.size)


def _cut_entry(program: Program, item: Item, position: int, size: int) -> None:
    exprs = list(item.values)
    for key, _ in program.loads(item.values[0], item.function).calls:
        exprs += [value for function in program.functions[key] for inner in function.items for value in inner.values]
    for node in chain(exprs):
        if isinstance(node, ast.Tuple) and len(node.elts) == size and not starred(node.elts):
            program.cut.add(id(node.elts[position]))
