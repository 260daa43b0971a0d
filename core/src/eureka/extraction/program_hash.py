"""When two programs are the same: equal syntax trees, whatever their comments, formatting and docstrings."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

from eureka.extraction.parse import Work

_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def program_sha256(code: str) -> str:
    """Of what the program does: comments, formatting and docstrings do not count. Text that is no program is hashed as it is."""
    tree = Work().parse(code).tree
    digest = hashlib.sha256()
    if tree is None:
        digest.update(code.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()
    # Not `ast.dump`: it recurses, it is slow, and it differs between Python versions. This is prefix notation, so unambiguous.
    waiting: list[Any] = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, ast.AST):
            fields = [(name, child) for name, child in ast.iter_fields(value) if child not in (None, []) and name not in ("ctx", "kind")]
            if isinstance(value, _DOCUMENTED) and ast.get_docstring(value, False) is not None:
                fields = [(name, child[1:] if name == "body" else child) for name, child in fields]
            digest.update(f"{type(value).__name__}({','.join(name for name, _ in fields)})".encode())
            waiting.extend(child for _, child in reversed(fields))
        elif isinstance(value, list):
            digest.update(f"[{len(value)}]".encode())
            waiting.extend(reversed(value))
        else:
            shown = hex(value) if type(value) is int else repr(value)  # `repr` refuses very long integers
            digest.update(f"{type(value).__name__} {shown};".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
