"""An environment's code as data flow: its functions and what each of their expressions reads."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import gymnasium

from eureka_gymnasium.pruning.class_source import ClassSource
from eureka_gymnasium.pruning.model import ENV, Function, Item, Key, Loads, Var, chain

# How a helper refers to the environment it belongs to.
_ENV_NAMES = ("env", "unwrapped", "_env", "environment")


class Program:
    """The classes of one environment (or one wrapper) and the functions, classes and constants of their modules that they use."""

    def __init__(self, sources: list[ClassSource], speaks: Callable[[str], bool], opaque: Callable[[str], bool]) -> None:
        self.speaks = speaks
        # Nodes are known by their ids, so none may be freed while what replaces it is made.
        self._nodes = [node for source in sources for node in ast.walk(source.tree)]
        # Expressions that stand for the reward: read as if they were not there.
        self.cut: set[int] = set()
        # Parts of objects where the reward is kept, such as `self.stats.gain`.
        self.places: set[str] = set()
        self.functions: dict[Key, list[Function]] = {}
        self.env_classes = {source.node.name for source in sources}
        self.globals: dict[tuple[str, str], ast.stmt] = {}
        self._opaque = opaque
        self._cache: dict[int, Loads] = {}
        self._uid = 0
        self._defs: dict[Var, list[Item]] | None = None
        self._wraps = issubclass(sources[0].cls, gymnasium.Wrapper)
        for source in sources:
            self._index_module(source.file, source.tree)
        self._helper_owners: dict[str, set[str]] = {}
        for source in sources:
            self.add_class(source.node, ENV, source.file)
        self._reach()

    def all(self) -> Iterator[Function]:
        for group in self.functions.values():
            yield from group

    def items(self) -> Iterator[Item]:
        for function in self.all():
            yield from function.items

    def defs(self, var: Var | None) -> list[Item]:
        """The items that bind a variable."""
        if self._defs is None:
            self._defs = {}
            for item in self.items():
                if item.kind == "def" and item.target is not None:
                    self._defs.setdefault(item.target, []).append(item)
        return self._defs.get(var, []) if var is not None else []

    def add_class(self, node: ast.ClassDef, owner: str, module: str) -> None:
        """Its methods, and what stands directly in it."""
        body = self._function(None, owner, module, f"<{node.name}>")
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                if not self._opaque(statement.name):
                    self._add_function(statement, owner, module)
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                    if isinstance(target, ast.Name):
                        var: Var = ("attr", owner, target.id)
                        if owner != ENV:
                            self._helper_owners.setdefault(target.id, set()).add(owner)
                        body.items.append(Item("def", statement, body, (), (statement.value,), var, target))

    def _index_module(self, module: str, tree: ast.Module) -> None:
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                if statement.name not in self.env_classes:
                    self.globals[module, statement.name] = statement
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            self.globals[module, name.id] = statement

    def _reach(self) -> None:
        """Add the module's functions and classes that the code names, and those that these name."""
        added: set[int] = set()
        todo = list(self.all())
        while todo:
            function = todo.pop()
            nodes = [function.node] if function.node else [value for item in function.items for value in item.values]
            for name in (n for n in chain(nodes) if isinstance(n, ast.Name)):
                found = self.globals.get((function.module, name.id))
                if isinstance(found, ast.FunctionDef | ast.ClassDef) and id(found) not in added:
                    added.add(id(found))
                    known = {id(f) for f in self.all()}
                    if isinstance(found, ast.FunctionDef):
                        self._add_function(found, "", function.module)
                    else:
                        self.add_class(found, found.name, function.module)
                    todo += [f for f in self.all() if id(f) not in known]

    def _function(self, node: ast.FunctionDef | None, owner: str, module: str, name: str) -> Function:
        self._uid += 1
        function = Function(node, owner, module, name, self._uid)
        self.functions.setdefault(function.key, []).append(function)
        return function

    def _add_function(self, node: ast.FunctionDef, owner: str, module: str) -> None:
        from eureka_gymnasium.pruning.statements import read_items

        function = self._function(node, owner, module, node.name)
        arguments = [*node.args.posonlyargs, *node.args.args]
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
        if owner and arguments and not static:
            function.self_name = arguments[0].arg
        function.params = [*arguments, *node.args.kwonlyargs][function.self_name is not None :]
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                function.locals.add(inner.id)
            elif isinstance(inner, ast.arg):
                function.locals.add(inner.arg)
            elif isinstance(inner, ast.FunctionDef | ast.ClassDef) and inner is not node:
                function.locals.add(inner.name)
        if owner and owner != ENV:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == function.self_name:
                    self._helper_owners.setdefault(inner.attr, set()).add(owner)
        function.items = read_items(self, function)

    # ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def owner_of(self, base: ast.expr, function: Function) -> str | None:
        """Whose attribute `base.x` is, where that can be told."""
        if isinstance(base, ast.Name):
            if base.id == function.self_name:
                return function.owner
            if base.id in self.env_classes:
                return ENV
            return ENV if base.id in _ENV_NAMES and function.owner != ENV else None
        if isinstance(base, ast.Attribute) and self.owner_of(base.value, function) is not None:
            inside = base.attr in _ENV_NAMES and function.owner != ENV
            return ENV if inside or (base.attr == "unwrapped" and not self._wraps) else None
        return None

    def name_var(self, name: str, function: Function) -> Var | None:
        if name in function.locals:
            return ("local", function.uid, name)
        return ("global", function.module, name) if (function.module, name) in self.globals else None

    def root(self, expr: ast.expr, function: Function) -> Var | None:
        """The variable that holds what `expr` is a part of: `self.a` for `self.a[0].b`."""
        while True:
            if isinstance(expr, ast.Attribute):
                owner = self.owner_of(expr.value, function)
                if owner is not None:
                    return ("attr", owner, expr.attr)
                expr = expr.value
            elif isinstance(expr, ast.Subscript | ast.Starred):
                expr = expr.value
            elif isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
                expr = expr.func.value
            else:
                return self.name_var(expr.id, function) if isinstance(expr, ast.Name) and expr.id != function.self_name else None

    def callee(self, call: ast.Call, function: Function) -> Key | None:
        """The known function a call goes to."""
        target = call.func
        if isinstance(target, ast.Name):
            found = self.globals.get((function.module, target.id)) if target.id not in function.locals else None
            if isinstance(found, ast.ClassDef):
                return (found.name, "__init__") if (found.name, "__init__") in self.functions else None
            key = (function.module, target.id)
            return key if isinstance(found, ast.FunctionDef) and key in self.functions else None
        if not isinstance(target, ast.Attribute):
            return None
        base = target.value
        owner = self.owner_of(base, function)
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id == "super":
            # The last class that has it hands on to one without source.
            owner = function.owner if function is not self.functions[function.key][-1] or target.attr != function.name else None
            if owner is None:
                return None
        elif isinstance(base, ast.Name) and base.id in self.env_classes:
            owner = ENV
        if owner is not None:
            if (owner, target.attr) in self.functions:
                return (owner, target.attr)
            made = [
                v.func.id
                for item in self.defs(("attr", owner, target.attr))
                for v in item.values
                if isinstance(v, ast.Call) and isinstance(v.func, ast.Name)
            ]
            return next(((name, "__call__") for name in made if (name, "__call__") in self.functions), None)
        # A method of some object: known where just one helper class has one of that name.
        owners = [o for o in self._helper_owners.get(target.attr, ()) if (o, target.attr) in self.functions]
        owners += [o for o, name in self.functions if name == target.attr and o not in (ENV, function.module, *owners)]
        return (owners[0], target.attr) if len(set(owners)) == 1 else None

    def bind(self, key: Key, call: ast.Call) -> Iterator[tuple[Var | None, ast.expr]]:
        """Each argument with the parameter it goes to; None for one that cannot be told."""
        for function in self.functions[key]:
            names = [p.arg for p in function.params]
            arguments = list(call.args)
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id in self.env_classes:
                arguments = arguments[1:]
            starred = any(isinstance(a, ast.Starred) for a in arguments)
            for i, argument in enumerate(arguments):
                yield (None if starred or i >= len(names) else ("local", function.uid, names[i])), argument
            for keyword in call.keywords:
                yield (("local", function.uid, keyword.arg) if keyword.arg in names else None), keyword.value

    # ── What an expression reads ─────────────────────────────────────────────────────────────────────────────────────

    def loads(self, expr: ast.expr, function: Function) -> Loads:
        """Without what is cut and without the arguments of known calls, which count as far as the parameter does."""
        known = self._cache.get(id(expr))
        if known is None:
            known = self._cache[id(expr)] = Loads()
            self._read(expr, function, known)
        return known

    def forget(self) -> None:
        """Call after a change of `cut`."""
        self._cache.clear()

    def _read(self, node: ast.AST, function: Function, found: Loads) -> None:
        if id(node) in self.cut:
            return
        if isinstance(node, ast.Name):
            var = self.name_var(node.id, function) if isinstance(node.ctx, ast.Load) and node.id != function.self_name else None
            if var is not None:
                found.vars.add(var)
                self._mention(var, found)
            return
        if self.places and isinstance(node, ast.Attribute | ast.Subscript) and ast.unparse(node) in self.places:
            found.vars.add(("place", ast.unparse(node)))
        if isinstance(node, ast.Attribute):
            self._read_attribute(node, function, found)
        elif isinstance(node, ast.Call) and (key := self.callee(node, function)) is not None:
            found.calls.append((key, node))
            found.vars.add(("ret", key, ()))
            if isinstance(node.func, ast.Name):
                found.vars.add(("global", function.module, node.func.id))
                self._mention(("global", function.module, node.func.id), found)
            elif key[1] == "__call__" and node.func.attr != "__call__":  # type: ignore[attr-defined]
                self._read_attribute(node.func, function, found)  # type: ignore[arg-type]
            elif self.owner_of(node.func.value, function) is None:  # type: ignore[attr-defined]
                self._read(node.func.value, function, found)  # type: ignore[attr-defined]
            return
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and self.speaks(str(node.slice.value)):
            found.vars.add(("word", node.slice.value))
        for child in ast.iter_child_nodes(node):
            self._read(child, function, found)

    def _read_attribute(self, node: ast.Attribute, function: Function, found: Loads) -> None:
        owner = self.owner_of(node.value, function)
        if owner is not None:
            found.vars.add(("attr", owner, node.attr))
            if (owner, node.attr) in self.functions:
                found.vars.add(("ret", (owner, node.attr), ()))
            return
        if self.speaks(node.attr):
            found.vars.add(("word", node.attr))
        for helper in self._helper_owners.get(node.attr, ()):
            found.vars.add(("attr", helper, node.attr))
            if (helper, node.attr) in self.functions:
                found.vars.add(("ret", (helper, node.attr), ()))
        if function.owner != ENV:
            # A helper may be given the environment under any name.
            found.vars.add(("attr", ENV, node.attr))

    def _mention(self, var: Var, found: Loads) -> None:
        statement = self.globals.get((var[1], var[2])) if var[0] == "global" else None  # type: ignore[arg-type]
        if isinstance(statement, ast.ClassDef):
            found.vars.add(("class", var[1], var[2]))
        elif isinstance(statement, ast.FunctionDef):
            found.vars.add(("ret", (var[1], var[2]), ()))
