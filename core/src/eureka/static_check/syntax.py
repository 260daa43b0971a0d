"""Refuses syntax that has no place in a reward, and attributes that lead from a value to the interpreter's insides."""

from __future__ import annotations

import ast
import re

import numpy as np

from eureka.static_check.allowed_numpy import ATTRIBUTES, FORBIDDEN_ATTRIBUTES, TYPES
from eureka.static_check.allowed_torch import TENSOR_ATTRIBUTES
from eureka.static_check.forbidden_names import FORBIDDEN, FORBIDDEN_OF_ARRAYS
from eureka.static_check.names import OFFERED, Imports, not_offered, postponed
from eureka.static_check.refusal import did_you_mean, refuse

_STATEMENTS = (
    *(ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.For, ast.While, ast.If, ast.With),
    *(ast.Raise, ast.Try, ast.Assert, ast.Import, ast.ImportFrom, ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.Nonlocal),
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
_ANNOTATION = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
WORDS = {
    "ClassDef": "a class",
    "AsyncFunctionDef": "an async function",
    "Global": "`global`",
    "Yield": "`yield`",
    "YieldFrom": "`yield from`",
    "Await": "`await`",
    "Match": "`match`",
    "AsyncFor": "`async for`",
    "AsyncWith": "`async with`",
    "TryStar": "`except*`",
    "TypeAlias": "a `type` statement",
    "TemplateStr": "a template string",
}
"""Names of nodes, as not every Python has them all → what they are called."""

_FORBIDDEN = FORBIDDEN_ATTRIBUTES | (FORBIDDEN["numpy"].keys() - ATTRIBUTES)
"""With what a module would give, should one ever get to be a value."""

_TIME = re.compile(r"[<>=|]?[Mm]8(?:\[.*\])?|(?:datetime|timedelta)64.*")
"""A dtype that makes an array of "now" a clock."""

_PLAIN_FIELDS = re.compile(r"(?:[^{}]|\{\{|\}\}|\{\w*(?:![rsa])?(?::[^{}]*)?\})*")
"""A format string whose fields hold values only: no attribute, no index, no field in a field."""


class Syntax(ast.NodeVisitor):
    """Visit a module; it refuses the first thing that is not on the lists."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports
        self._offered = OFFERED[imports.library]
        self._inside = False  # a function, where annotations of names are never evaluated
        self._postponed = False

    def visit(self, node: ast.AST) -> None:
        if not isinstance(node, (ast.Module, *_ALLOWED)):
            what = WORDS.get(type(node).__name__, f"`{type(node).__name__}` syntax")
            refuse(f"{what} is not allowed in a reward; write plain functions of arrays", node)
        super().visit(node)

    def visit_Module(self, node: ast.Module) -> None:
        self._postponed = postponed(node)
        for statement in node.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else ()
            if isinstance(statement, ast.Assign) and len(targets) == 1 and self._imports.is_type(statement.value):
                self.visit(targets[0])
                self._type(statement.value)
                if isinstance(targets[0], ast.Name):
                    self._imports.aliases.add(targets[0].id)
            else:
                self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            refuse(f"a decorator is not allowed; write `{node.name}` as a plain `def`", node.decorator_list[0])
        if getattr(node, "type_params", None):
            refuse("type parameters are not allowed in a reward; annotate with plain types", node)
        self._bind(node.name, node)
        self._annotation(node.returns)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None and any(self._is_no_constant(part) for part in ast.walk(default)):
                refuse("a default value must be a constant, or what a function of numpy or math makes of constants", default)
        self.visit(node.args)
        outer, self._inside = self._inside, True
        for statement in node.body:
            self.visit(statement)
        self._inside = outer

    def _is_no_constant(self, part: ast.AST) -> bool:
        if isinstance(part, ast.Call):
            return not isinstance(part.func, ast.Attribute) or self._imports.module(part.func.value) is None
        return isinstance(part, (ast.Lambda, ast.GeneratorExp))

    def visit_arg(self, node: ast.arg) -> None:
        self._bind(node.arg, node)
        self._annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self._inside:
            self._annotation(node.annotation)
        self.visit(node.target)
        if node.value is not None and not self._inside and self._imports.is_type(node.value):  # Reward: TypeAlias = np.ndarray
            self._type(node.value)
            if isinstance(node.target, ast.Name):
                self._imports.aliases.add(node.target.id)
        elif node.value is not None:
            self.visit(node.value)

    def visit_Try(self, node: ast.Try) -> None:
        if node.finalbody:  # of which Python makes a copy for every way out, and of those in it again
            refuse("`finally` is not allowed in a reward; a function of arrays has nothing to clean up", node.finalbody[0])
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, node)
        self.generic_visit(node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            self._bind(name, node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            call = item.context_expr
            silent = isinstance(call, ast.Call) and self._imports.origin(call.func) == ("numpy", "errstate")
            if not silent or item.optional_vars is not None or not isinstance(call, ast.Call) or call.args:
                refuse("`with` is allowed for `np.errstate(…)` only", node)
            for keyword in call.keywords:
                self.visit(keyword.value)
        for statement in node.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        """`read_imports` has seen to it."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if f"{node.module}.{alias.name}" not in self._offered:
                self._bind(alias.asname or alias.name, node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)
        elif node.id in self._imports.modules:
            refuse(f"the module `{node.id}` may only be used as in `{node.id}.name`, not passed on as a value", node)
        elif self._imports.is_type(node):
            self._refuse_type(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            refuse(f"setting the attribute `{node.attr}` is not allowed; assign to a name instead", node)
        module = self._imports.module(node.value)
        if module is None:
            self.visit(node.value)
            self._attribute(node)
        elif f"{module}.{node.attr}" in self._offered:
            written = ast.unparse(node)
            refuse(f"the module `{written}` may only be used as in `{written}.name`, not passed on as a value", node)
        elif self._imports.is_type(node):
            self._refuse_type(ast.unparse(node), node)
        elif node.attr not in self._offered[module]:
            refuse(not_offered(module, node.attr, ast.unparse(node.value)), node)

    def visit_Call(self, node: ast.Call) -> None:
        function, arguments = node.func, list(node.args)
        origin = self._imports.origin(function)
        if isinstance(function, ast.Name) and function.id == "isinstance" and len(arguments) == 2:
            self._type(arguments.pop(1))
        elif origin == ("typing", "cast") and arguments:
            self._type(arguments.pop(0))
        if isinstance(function, ast.Attribute) and function.attr == "format" and isinstance(function.value, ast.Constant):
            if not isinstance(function.value.value, str) or not _PLAIN_FIELDS.fullmatch(function.value.value):
                refuse("`format` may fill in whole values only: no attributes, no indices, no field in a field; use an f-string", node)
        else:
            self.visit(function)
        for argument in (*arguments, *(keyword.value for keyword in node.keywords)):
            self.visit(argument)
        self._check_unfilled(node, origin)
        if self._imports.library == "torch":
            self._check_device(node)

    def _check_unfilled(self, node: ast.Call, origin: tuple[str, str] | None) -> None:
        """`where=` of a function of single elements leaves what it leaves out as memory happens to be."""
        if origin is None or origin[0] != "numpy":
            return
        given = {keyword.arg for keyword in node.keywords}
        if "where" in given and "out" not in given and isinstance(getattr(np, origin[1], None), np.ufunc):
            refuse(
                f"`{origin[1]}` with `where` but without `out` leaves unfilled memory where the condition is false; "
                "add `out=np.zeros_like(…)`, or use `np.where`",
                node,
            )
        if origin[1] == "pad" and any(_is(value, "empty") for value in (*node.args, *(keyword.value for keyword in node.keywords))):
            refuse('`pad` with the mode "empty" leaves unfilled memory; use the mode "constant"', node)

    def _check_device(self, node: ast.Call) -> None:
        named = [keyword.value for keyword in node.keywords if keyword.arg == "device"]
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "type"):
            named += node.args
        if any(isinstance(value, (ast.Constant, ast.JoinedStr)) and not _is(value, None) for value in named):
            refuse("a device may not be named here; use the device of an argument, as in `torch.zeros(n, device=x.device)`", node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _TIME.fullmatch(node.value):
            refuse("dates and times are not allowed in a reward: it must give the same whenever it is called", node)

    def _attribute(self, node: ast.Attribute) -> None:
        name, torch = node.attr, self._imports.library == "torch"
        allowed = ATTRIBUTES | TENSOR_ATTRIBUTES if torch else ATTRIBUTES
        if name in allowed or not (name.startswith("_") or name in _FORBIDDEN or torch):
            return
        if name == "format":
            refuse("the attribute `format` is not allowed here; use an f-string", node)
        reason = FORBIDDEN_OF_ARRAYS.get(name)
        near = did_you_mean(name, allowed) if torch and not reason else "."
        refuse(
            f"the attribute `{name}` is not allowed{f': it {reason}' if reason else ''}{near} A reward may use arithmetic on arrays and "
            "methods such as mean, sum or clip",
            node,
        )

    def _refuse_type(self, written: str, node: ast.AST) -> None:
        refuse(f"`{written}` may stand in annotations and isinstance only; make arrays with `zeros_like`, `where` …", node)

    def _bind(self, name: str, node: ast.AST) -> None:
        if name in self._imports.modules:
            refuse(f"`{name}` is a module here and may not be given another value; choose another name", node)
        casts = self._imports.taken.get(name) == ("typing", "cast") and not isinstance(node, ast.ImportFrom)
        if name.startswith("__") or name == "isinstance" or casts:  # the last two are handed types
            refuse(f"the name `{name}` is not allowed for what a program defines; choose another name", node)

    def _annotation(self, node: ast.expr | None) -> None:
        if node is not None and not self._postponed:
            self._type(node)

    def _type(self, node: ast.expr) -> None:
        """A type is evaluated like anything else: names, what modules offer and brackets behind types only, and no module itself."""
        waiting: list[ast.AST] = [node]
        while waiting:
            part = waiting.pop()
            if not isinstance(part, _ANNOTATION):
                refuse("an annotation may name types only, such as np.ndarray or Tuple[np.ndarray, Dict[str, np.ndarray]]", node)
            if isinstance(part, ast.Attribute):
                origin = self._imports.origin(part)
                if origin is None or origin[1] not in self._offered[origin[0]] | TYPES.get(origin[0], frozenset()):
                    refuse(f"`{part.attr}` is not allowed in an annotation; use np.ndarray, float, Dict, Tuple …", part)
                continue
            if isinstance(part, ast.Name) and part.id in self._imports.modules:
                refuse(f"the module `{part.id}` is no type; use `{part.id}.ndarray`, float, Dict, Tuple …", part)
            if isinstance(part, ast.Subscript) and not (self._imports.is_generic(part.value) or self._imports.origin(part.value)):
                refuse("only types such as Dict, Tuple and dict may have brackets in an annotation", part)
            waiting.extend(ast.iter_child_nodes(part))


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value
