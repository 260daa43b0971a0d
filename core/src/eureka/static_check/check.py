"""Whether a reward's program keeps to arrays and arithmetic, told from its syntax tree alone: nothing of it is run.

It says quickly and in words what a process of its own would only refuse. It is no boundary against a clever enemy: that is the process.
A simulator that runs rewards in a worker of its own may have no such process (`sim: isaacgym`): this and TorchScript are then all that
holds them, and `isolation: require` is refused.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from eureka.extraction import FUNCTION, check_arguments
from eureka.static_check.allowed_numpy import BUILTINS
from eureka.static_check.names import Imports, Library, check_names, read_imports
from eureka.static_check.refusal import Problem, Refused, refuse
from eureka.static_check.syntax import WORDS, Syntax

MAX_PROGRAM = 20_000
"""Bytes: some 500 lines. What is longer takes Python's own parser seconds where it was written to."""

_MAX_DEPTH = 150
_MAX_COMPREHENSIONS = 10
"""Inside one another. Python 3.12 and 3.13 crash where they compile more than 20."""

_TOO_DEEP = "the program is nested too deeply; split it into statements and helper functions"
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_MODULE_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Pass)


def check(code: str, variables: Collection[str], library: Library = "numpy") -> Problem | None:
    """What forbids to run this program as a reward, or None.

    variables: the names `compute_reward` may take. library: of the arrays it is given. Allowed are functions, arithmetic, loops, the pure
    functions of that library, numpy, math and typing, and harmless builtins. Refused are files, randomness, global state, names that are
    not defined or that the installed numpy lacks, and whatever leads from a value to the interpreter's insides.
    """
    try:
        _check(code, variables, library)
    except Refused as refused:
        return refused.problem
    except (RecursionError, MemoryError, SystemError):  # the last is what some versions of Python make of the first
        return Problem(_TOO_DEEP)
    return None


def _check(code: str, variables: Collection[str], library: Library) -> None:
    tree = _parse(code)
    imports = read_imports(tree, library)
    for statement in tree.body:
        _check_module_level(statement, imports)
    Syntax(imports).visit(tree)
    table = _compiled(code, tree)
    definition = next((n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef) and n.name == FUNCTION), None)
    if definition is None:
        refuse(f"there is no function `{FUNCTION}` at the top level; define it there")
    _check_signature(definition, variables)
    check_names(tree, table, variables)


def _parse(code: str) -> ast.Module:
    if len(code) > MAX_PROGRAM or len(code.encode("utf-8", "replace")) > MAX_PROGRAM:
        refuse(f"the program is longer than {MAX_PROGRAM // 1000} kB; a reward of some fifty lines is enough")
    with _syntax_errors():
        tree = ast.parse(code)
    _check_nesting(tree)
    return tree


def _compiled(code: str, tree: ast.Module) -> symtable.SymbolTable:
    """The scopes of a program that holds nothing but allowed syntax: Python takes gigabytes to compile some of the other."""
    with _syntax_errors():
        compile(tree, "<reward>", "exec", dont_inherit=True)  # a `return` outside of a function shows only here
        return symtable.symtable(code, "<reward>", "exec")


@contextmanager
def _syntax_errors() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a docstring is no news for the terminal
            yield
    except SyntaxError as error:
        refuse(f"{type(error).__name__}: {error.msg}", error.lineno)
    except (ValueError, OverflowError) as error:
        refuse(f"not a program: {error}")


def _check_nesting(tree: ast.Module) -> None:
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, comprehensions = waiting.pop()
        comprehensions += isinstance(node, _COMPREHENSIONS)
        if depth > _MAX_DEPTH or comprehensions > _MAX_COMPREHENSIONS:
            refuse(_TOO_DEEP, node)
        waiting.extend((child, depth + 1, comprehensions) for child in ast.iter_child_nodes(node))


def _check_module_level(statement: ast.stmt, imports: Imports) -> None:
    """Loading a program runs nothing but definitions and constants."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    if type(statement).__name__ in WORDS:
        return  # told better by the syntax's own check
    if not isinstance(statement, _MODULE_LEVEL):
        refuse("only imports, functions and constants may stand outside of a function; move this into the function", statement)
    waiting: list[ast.AST] = [value] if (value := getattr(statement, "value", None)) is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and not _is_library_call(node.func, imports):
            refuse("a constant outside of a function may call builtins and functions of modules only; move this into the function", node)
        if not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _is_library_call(function: ast.expr, imports: Imports) -> bool:
    if isinstance(function, ast.Name):
        return function.id in imports.taken or function.id in BUILTINS - {"print"}
    return isinstance(function, ast.Attribute)


def _check_signature(definition: ast.FunctionDef, variables: Collection[str]) -> None:
    arguments = definition.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        refuse(f"`{FUNCTION}` must name each variable it takes: no `*args`, `**kwargs` or `/`", definition)
    names = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    if not names:
        refuse(f"`{FUNCTION}` takes no arguments; name the variables it needs", definition)
    if message := check_arguments(names, tuple(variables)):
        refuse(message, definition)
