"""The source of an environment's class: what its physics and its observations reach, and so nothing that only a reward uses."""

from __future__ import annotations

import ast
import inspect

from eureka_torch.env import TorchEnv

_ROOTS = ("__init__", "reset", "step", "observe", "variables", "terminated", "observation_space", "action_space", "max_episode_steps")


def source_of(cls: type[TorchEnv]) -> str:
    """The module's and the class's definitions that `TorchEnv`'s methods reach, `native` apart, in their order, with comments.

    Of bases between the class and `TorchEnv`, too, those first. Docstrings of classes are left out. Empty where there is no source.
    """
    classes = [base for base in cls.__mro__ if issubclass(base, TorchEnv) and base is not TorchEnv][::-1]
    return "\n\n".join(part for part in dict.fromkeys(_of_one(base) for base in classes) if part)


def _of_one(cls: type[TorchEnv]) -> str:
    try:
        text = inspect.getsource(inspect.getmodule(cls) or cls)
    except (OSError, TypeError):
        return ""
    tree = ast.parse(text)
    body = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__), None)
    if body is None:  # made inside of a function
        return ""
    module = {name: node for node in tree.body if not isinstance(node, ast.ClassDef) for name in _defined(node)}
    members = {name: node for node in body.body for name in _defined(node)}
    kept: list[ast.stmt] = []
    names = list(_ROOTS)
    seen: set[str] = {"native"}
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in (members.get(name), module.get(name)):
            if node is not None:
                kept.append(node)
                names += _used(node)
    lines = text.splitlines()
    outside = [_lines(node, lines) for node in tree.body if node in kept]
    head = next(end for end, line in enumerate(lines) if end >= body.lineno - 1 and line.partition("#")[0].rstrip().endswith(":"))
    inside = [_lines(node, lines) for node in body.body if node in kept]
    text = "\n".join([*lines[body.lineno - 1 : head + 1], _joined(inside)])
    return "\n\n\n".join(part for part in (_joined(outside), text) if part)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]


def _used(node: ast.stmt) -> list[str]:
    """Names it reads, and attributes, whatever of."""
    return [leaf.id if isinstance(leaf, ast.Name) else leaf.attr for leaf in ast.walk(node) if isinstance(leaf, ast.Name | ast.Attribute)]


def _lines(node: ast.stmt, lines: list[str]) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


def _joined(parts: list[str]) -> str:
    """A blank line before and after what has more than one line."""
    text = ""
    for before, part in zip(["", *parts], parts, strict=False):
        text += part if not before else f"\n\n{part}" if "\n" in before or "\n" in part else f"\n{part}"
    return text
