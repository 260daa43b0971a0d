"""Reward code that is still there after pruning."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from eureka_gymnasium.pruning.model import ENV
from eureka_gymnasium.pruning.slicing import Slice
from eureka_gymnasium.words import text_speaks_of_reward


@dataclass(frozen=True, slots=True)
class Leftover:
    """A line that must not be shown. name: what to hide to be rid of it, where that is one name. why: fit to follow the line."""

    file: str
    line: int
    name: str | None
    why: str


def find_leftovers(slice_: Slice, nodes: list[tuple[ast.stmt, str]]) -> list[Leftover]:
    """At most one for each line, in order. nodes: what would be shown; messages in it that speak of reward are blanked."""
    found: dict[tuple[str, int], Leftover] = {}

    def add(file: str, node: ast.AST, name: str | None, why: str) -> None:
        line = getattr(node, "lineno", 0)
        found.setdefault((file, line), Leftover(file, line, name, why))

    for item in slice_.program.items():
        if item.node in slice_.roots.inseparable and slice_.is_live(item.function.key):
            add(item.function.module, item.node, None, "what step() returns here cannot be told apart")
    for node, file in nodes:
        parents = {id(child): inner for inner in ast.walk(node) for child in ast.iter_child_nodes(inner)}
        for inner in ast.walk(node):
            if id(inner) in slice_.roots.formulas and id(inner) not in slice_.acting:
                name = _target(parents.get(id(inner)))
                add(file, inner, name, "the reward is made here, and something beside it depends on it")
            word = _word(inner)
            if word is not None and slice_.program.speaks(word):
                add(file, inner, word, "its name speaks of reward")
            elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and text_speaks_of_reward(inner.value):
                inner.value = "..."
    if not found:  # where the formula is another environment's, inside, only what is made from it shows
        for inner, file in ((inner, file) for node, file in nodes for inner in ast.walk(node)):
            if isinstance(inner, ast.Attribute) and ("attr", ENV, inner.attr) in slice_.roots.made:
                add(file, inner, inner.attr, "it is made from the reward, and something beside it depends on it")
    return sorted(found.values(), key=lambda leftover: (leftover.file, leftover.line))


def _target(node: ast.AST | None) -> str | None:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else None


def _word(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=name) | ast.FunctionDef(name=name):
            return name
        case ast.Constant(value=str() as text) if text.isidentifier():
            return text
    return None
