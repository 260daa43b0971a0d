"""The function that is the reward: where a program defines it, what it takes, and what is wrong with that in words for the model."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from eureka.extraction.join import defined_names
from eureka.extraction.parse import DEFINITIONS, Definition, argument_names, functions, parse
from eureka.suggest import closest

FUNCTION = "compute_reward"


def inspect_arguments(code: str, function: str) -> tuple[str, ...]:
    """Argument names of a top-level function, in order; empty when there is no such function."""
    definition = functions(parse(code).tree).get(function)
    return argument_names(definition) if definition else ()


def definition_line(code: str, function: str) -> int | None:
    """The line of a top-level function's `def`; None when there is no such function."""
    definition = functions(parse(code).tree).get(function)
    return definition.lineno if definition else None


def check_arguments(arguments: Sequence[str], allowed: Sequence[str]) -> str | None:
    """What is wrong with the arguments, in words for the model; None when each is a variable of the task."""
    for name in arguments:
        if name not in allowed:
            near = closest(name, allowed)
            hint = f"; did you mean `{near}`?" if near is not None else "."
            return f"argument `{name}` is no variable of this task{hint} Allowed: {', '.join(allowed)}"
    return None


def signature_error(definition: Definition) -> str | None:
    """Why a reward cannot be defined like this."""
    name, arguments = definition.name, definition.args
    if isinstance(definition, ast.AsyncFunctionDef):
        return f"`{name}` is async; write a plain `def`"
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        return f"`{name}` must name each variable it takes: no `*args`, `**kwargs` or `/`"
    if not arguments.args and not arguments.kwonlyargs:
        return f"`{name}` takes no arguments; name the variables it needs"
    return None


def is_sketch(definition: Definition) -> bool:
    """Whether it has no body and only shows the signature."""
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in definition.body)


def misplaced(tree: ast.Module | None) -> tuple[str, int] | None:
    """(message, line) where the function stands inside of something else, or is a lambda."""
    for statement in tree.body if tree else ():
        if isinstance(getattr(statement, "value", None), ast.Lambda) and FUNCTION in defined_names(statement):
            return f"`{FUNCTION}` is a lambda; write it with `def {FUNCTION}(...):`", statement.lineno
        for node in ast.walk(statement):
            if isinstance(node, DEFINITIONS) and node.name == FUNCTION and node is not statement:
                return f"`{FUNCTION}` is {_inside(statement)}; move it to the top level", node.lineno
    return None


def _inside(statement: ast.stmt) -> str:
    if isinstance(statement, ast.ClassDef):
        return f"in class `{statement.name}`"
    if isinstance(statement, DEFINITIONS):
        return f"nested in function `{statement.name}`"
    word = type(statement).__name__.lower()
    return f"inside {'an' if word == 'if' else 'a'} `{word}`"
