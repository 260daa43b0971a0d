"""Whether a reward's program keeps to arrays and arithmetic, told from its syntax tree alone: nothing of it is run.

It says quickly and in words what a process of its own would only refuse. It is no boundary against a clever enemy: that is the process.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from eureka.allowed_names import BUILTINS, FORBIDDEN_ATTRIBUTES, MODULES, TYPES
from eureka.extraction import FUNCTION, MAX_BYTES, check_arguments
from eureka.suggest import nearest

MAX_MESSAGE = 800
IMPORTS = "numpy (as np), numpy.linalg, math, typing"

_STATEMENTS = (
    *(ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.For, ast.While, ast.If, ast.With),
    *(ast.Raise, ast.Try, ast.Assert, ast.Import, ast.ImportFrom, ast.Expr, ast.Pass, ast.Break, ast.Continue),
)
_EXPRESSIONS = (
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp, ast.SetComp),
    *(ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute),
    *(ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice),
)
_PARTS = (
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.comprehension, ast.ExceptHandler, ast.arguments),
    *(ast.arg, ast.keyword, ast.alias, ast.withitem),
)
_ALLOWED = (*_STATEMENTS, *_EXPRESSIONS, *_PARTS)
_MODULE_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Pass)
_ANNOTATION = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
_WORDS = {
    ast.ClassDef: "a class",
    ast.AsyncFunctionDef: "an async function",
    ast.Global: "`global`",
    ast.Nonlocal: "`nonlocal`",
    ast.Yield: "`yield`",
    ast.YieldFrom: "`yield from`",
    ast.Await: "`await`",
    ast.Match: "`match`",
    ast.AsyncFor: "`async for`",
    ast.AsyncWith: "`async with`",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a program is refused, in words for the model that wrote it. line: of the program; None where it has none."""

    message: str
    line: int | None = None

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


def check(code: str, variables: Collection[str]) -> Problem | None:
    """What forbids to run this program as a reward, or None.

    variables: the names `compute_reward` may take. Allowed are functions, arithmetic, loops, the pure functions of numpy, math and
    typing, and harmless builtins. Refused are files, randomness, global state, names that are not defined, and whatever leads from a
    value to the interpreter's insides.
    """
    try:
        _check(code, variables)
    except _Refused as refused:
        return Problem(refused.message[:MAX_MESSAGE], refused.line)
    except (RecursionError, MemoryError):
        return Problem("the program is nested too deeply")
    return None


class _Refused(Exception):
    def __init__(self, message: str, line: int | None = None) -> None:
        self.message, self.line = message, line


def _check(code: str, variables: Collection[str]) -> None:
    tree, table = _parse(code)
    for statement in tree.body:
        _check_module_level(statement)
    _Checker(_module_names(tree)).visit(tree)
    definition = next((n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef) and n.name == FUNCTION), None)
    if definition is None:
        _refuse(f"there is no function `{FUNCTION}` at the top level; define it there")
    _check_signature(definition, variables)
    _check_names(tree, table)


def _parse(code: str) -> tuple[ast.Module, symtable.SymbolTable]:
    if len(code.encode("utf-8", "replace")) > MAX_BYTES:
        _refuse(f"the program is longer than {MAX_BYTES // 1000} kB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a docstring is no news for the terminal
            tree = ast.parse(code)
            compile(code, "reward.py", "exec", dont_inherit=True)  # a `return` outside of a function shows only here
            return tree, symtable.symtable(code, "reward.py", "exec")
    except SyntaxError as error:
        _refuse(f"{type(error).__name__}: {error.msg}", error.lineno)
    except (ValueError, OverflowError) as error:
        _refuse(f"not a program: {error}")


def _refuse(message: str, at: ast.AST | int | None = None) -> NoReturn:
    raise _Refused(message, getattr(at, "lineno", None) if isinstance(at, ast.AST) else at)


def _check_module_level(statement: ast.stmt) -> None:
    """Loading a program runs nothing but definitions and constants."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    if type(statement) in _WORDS:
        return  # told better by the checker
    if not isinstance(statement, _MODULE_LEVEL):
        _refuse("only imports, functions and constants may stand outside of a function; move this into the function", statement)
    value = getattr(statement, "value", None)
    for node in ast.walk(value) if value is not None and not isinstance(value, ast.Lambda) else ():
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            _refuse("a constant outside of a function may call functions of numpy and math only; move this into the function", node)


def _module_names(tree: ast.Module) -> dict[str, str]:
    """Name → module, of every name that stands for one anywhere in the program. Raises for any other import."""
    names: dict[str, str] = {}

    def bind(name: str, module: str, node: ast.AST) -> None:
        if names.setdefault(name, module) != module:
            _refuse(f"`{name}` is imported as two modules; give them two names", node)

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES or alias.name == "__future__":
                    _refuse(f"`import {alias.name}` is not allowed; a reward may import {IMPORTS}", node)
                root = alias.name.partition(".")[0]
                bind(alias.asname or root, alias.name if alias.asname else root, node)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module not in MODULES:
                _refuse(f"`from {module} import …` is not allowed; a reward may import {IMPORTS}", node)
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                if inner in MODULES:
                    bind(alias.asname or alias.name, inner, node)
                elif alias.name not in MODULES[module] and not (module == "numpy" and alias.name in TYPES):
                    _refuse(_not_offered(module, alias.name, module), node)
    return names


def _not_offered(module: str, name: str, written: str) -> str:
    return (
        f"`{written}.{name}` is not allowed{_near(name, MODULES[module])} A reward may use the functions of {module} that compute from "
        "arrays: none that read or write files, draw random numbers, change settings or lead to other modules"
    )


def _near(name: str, valid: Iterable[str]) -> str:
    near = nearest(name, valid, 1, likeness=0.75)
    return f"; did you mean `{near[0]}`?" if near else "."


class _Checker(ast.NodeVisitor):
    """Refuses the first thing that is not on the lists. aliases: name → module."""

    def __init__(self, aliases: dict[str, str]) -> None:
        self._aliases = aliases

    def visit(self, node: ast.AST) -> None:
        if not isinstance(node, (ast.Module, *_ALLOWED)):
            what = _WORDS.get(type(node), f"`{type(node).__name__}` syntax")
            _refuse(f"{what} is not allowed in a reward; write plain functions of arrays", node)
        super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            _refuse(f"a decorator is not allowed; write `{node.name}` as a plain `def`", node.decorator_list[0])
        if getattr(node, "type_params", None):
            _refuse("type parameters are not allowed in a reward; annotate with plain types", node)
        self._bind(node.name, node)
        self._annotation(node.returns)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None and any(isinstance(n, (ast.Call, ast.Lambda, ast.GeneratorExp)) for n in ast.walk(default)):
                _refuse("a default value must be a constant", default)
        self.visit(node.args)
        for statement in node.body:
            self.visit(statement)

    def visit_arg(self, node: ast.arg) -> None:
        self._bind(node.arg, node)
        self._annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, node)
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            call = item.context_expr
            function = call.func if isinstance(call, ast.Call) else None
            silent = isinstance(function, ast.Attribute) and function.attr == "errstate" and self._module(function.value) == "numpy"
            if not silent or item.optional_vars is not None or not isinstance(call, ast.Call) or call.args:
                _refuse("`with` is allowed for `np.errstate(…)` only", node)
            for keyword in call.keywords:
                self.visit(keyword.value)
        for statement in node.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        """`_module_names` has seen to it."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if f"{node.module}.{alias.name}" not in MODULES:
                self._bind(alias.asname or alias.name, node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)
        elif node.id in self._aliases:
            _refuse(f"the module `{node.id}` may only be used as in `{node.id}.name`, not passed on as a value", node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            _refuse(f"setting the attribute `{node.attr}` is not allowed; assign to a name instead", node)
        module = self._module(node.value)
        if module is None:
            self.visit(node.value)
            if node.attr.startswith("_") or node.attr in FORBIDDEN_ATTRIBUTES:
                _refuse(f"the attribute `{node.attr}` is not allowed; use arrays' arithmetic and methods such as mean, sum or clip", node)
        elif f"{module}.{node.attr}" in MODULES:
            _refuse(f"the module `{ast.unparse(node)}` may only be used as in `{ast.unparse(node)}.name`, not passed on as a value", node)
        elif module == "numpy" and node.attr in TYPES:
            _refuse(f"`{ast.unparse(node)}` may stand in annotations and isinstance only; make arrays with `zeros_like`, `where` …", node)
        elif node.attr not in MODULES[module]:
            _refuse(_not_offered(module, node.attr, ast.unparse(node.value)), node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
            self.visit(node.args[0])
            self._annotation(node.args[1])
        else:
            self.generic_visit(node)

    def _bind(self, name: str, node: ast.AST) -> None:
        if name in self._aliases:
            _refuse(f"`{name}` is a module here and may not be given another value; choose another name", node)
        if name.startswith("__"):
            _refuse(f"the name `{name}` is not allowed; names may not begin with two underscores", node)

    def _annotation(self, node: ast.expr | None) -> None:
        """An annotation is evaluated when the function is defined: names, attributes of modules and brackets only."""
        for part in ast.walk(node) if node is not None else ():
            if not isinstance(part, _ANNOTATION):
                _refuse("an annotation may name types only, such as np.ndarray or Tuple[np.ndarray, Dict[str, np.ndarray]]", node)
            if isinstance(part, ast.Attribute):
                module = self._module(part.value)
                names = {*MODULES[module], *TYPES} if module is not None else ()
                if part.attr not in names:
                    _refuse(f"`{ast.unparse(part)}` is not allowed in an annotation; use np.ndarray, float, Dict, Tuple …", part)

    def _module(self, node: ast.expr) -> str | None:
        """The module an expression such as `np` or `np.linalg` stands for."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id)
        if isinstance(node, ast.Attribute) and (outer := self._module(node.value)) is not None:
            inner = f"{outer}.{node.attr}"
            return inner if inner in MODULES else None
        return None


def _check_names(tree: ast.Module, table: symtable.SymbolTable) -> None:
    """Every name is an argument, defined by the program, or a harmless builtin."""
    defined = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
    for scope in _scopes(table):
        for symbol in scope.get_symbols():
            name = symbol.get_name()
            if symbol.is_referenced() and symbol.is_global() and name not in defined and name not in BUILTINS:
                what = "not available to a reward." if hasattr(builtins, name) else f"not defined{_near(name, defined | BUILTINS)}"
                _refuse(
                    f"`{name}` is {what} A reward may use its arguments, what it defines and imports, and the builtins "
                    f"{', '.join(sorted(BUILTINS))}",
                    min((n.lineno for n in _loads(tree, name) if n.lineno >= scope.get_lineno()), default=None),
                )


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _loads(tree: ast.Module, name: str) -> Iterable[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load))


def _check_signature(definition: ast.FunctionDef, variables: Collection[str]) -> None:
    arguments = definition.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        _refuse(f"`{FUNCTION}` must name each variable it takes: no `*args`, `**kwargs` or `/`", definition)
    names = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    if not names:
        _refuse(f"`{FUNCTION}` takes no arguments; name the variables it needs", definition)
    if message := check_arguments(names, tuple(variables)):
        _refuse(message, definition)
