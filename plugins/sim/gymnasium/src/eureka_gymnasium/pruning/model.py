"""What an environment's code is made of: functions, and items of which each defines or does one thing.

A variable is a tuple: ("local", function, name), ("attr", owner, name), ("global", module, name), ("ret", function's key, path
into what it returns), ("class", module, name) for a helper class that is made, ("word", name) for an attribute or a key of an
object nobody here defines whose name speaks of reward, ("place", text) for a part of an object where the reward is kept.
Attributes are told apart by owner (the environment, each helper class), not by object; what cannot be told apart counts as used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Var = tuple[object, ...]
Key = tuple[str, str]
Path = tuple[int, ...]

ENV = "env"


@dataclass(eq=False, slots=True)
class Guard:
    """A test, an iterable or a context that decides whether what is inside runs."""

    node: ast.stmt
    exprs: tuple[ast.expr, ...]


@dataclass(eq=False, slots=True)
class Item:
    """One thing a statement does.

    kind: "def" binds `target`, "mutate" changes what it holds, "call" is an expression for its effect, "return", "check" raises,
        asserts or deletes, "jump" leaves a loop.
    path: which entry of the value `target` gets, of `size` at the last step; () for all.
    """

    kind: str
    node: ast.stmt
    function: Function
    guards: tuple[Guard, ...]
    values: tuple[ast.expr, ...] = ()
    target: Var | None = None
    place: ast.expr | None = None
    path: Path = ()
    size: int = 0


@dataclass(eq=False, slots=True)
class Function:
    """A method, a function of a module, or (node None) what stands directly in a class."""

    node: ast.FunctionDef | None
    owner: str
    module: str
    name: str
    uid: int
    self_name: str | None = None
    params: list[ast.arg] = field(default_factory=list)
    locals: set[str] = field(default_factory=set)
    items: list[Item] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return (self.owner or self.module, self.name)


@dataclass(slots=True)
class Loads:
    """What an expression reads, and the calls in it to functions that are known here."""

    vars: set[Var] = field(default_factory=set)
    calls: list[tuple[Key, ast.Call]] = field(default_factory=list)


def chain(exprs: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of some expressions."""
    for expr in exprs:
        yield from ast.walk(expr)
