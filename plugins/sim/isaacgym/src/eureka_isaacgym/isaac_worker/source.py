"""A task's source with its syntax tree, and edits by the places the tree gives: Python 3.8 cannot write a tree back as text."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import Dict, List, Set, Tuple

from .faults import Usage


class Source:
    """One file. task: the class in it. Columns of the tree count bytes, and so does every edit."""

    def __init__(self, text: str, task: str) -> None:
        self.text = text.replace("\r\n", "\n").expandtabs(4) if "\t" in text else text.replace("\r\n", "\n")
        self.tree = ast.parse(self.text)
        self.lines = [line.encode() for line in self.text.split("\n")]
        found = [node for node in self.tree.body if isinstance(node, ast.ClassDef) and node.name == task]
        if not found:
            raise Usage("sim.task: there is no class {} in its file.".format(task))
        self.task = found[0]
        self.methods: Dict[str, ast.FunctionDef] = {node.name: node for node in self.task.body if isinstance(node, ast.FunctionDef)}
        self.functions: Dict[str, ast.FunctionDef] = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    def edited(self, edits: List[Tuple[int, int, int, int, str]]) -> str:
        """The text with each (line, column, end line, end column, new text) replaced; places are those of the tree, none overlap."""
        lines = list(self.lines)
        for first, start, last, end, new in sorted(edits, reverse=True):
            head, tail = lines[first - 1][:start], lines[last - 1][end:]
            lines[first - 1 : last] = (head + new.encode() + tail).split(b"\n")
        return b"\n".join(lines).decode()

    def segment(self, node: ast.FunctionDef) -> str:
        """Whole lines of a function, its decorators among them, without comments and docstrings."""
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        text = b"\n".join(self.lines[first - 1 : node.end_lineno]).decode()
        return without_comments(text)


def self_attribute(node: ast.AST) -> str:
    """`x` of `self.x`, or of `self.x[…]`; else empty."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return ""


def without_comments(text: str) -> str:
    """Python source of whole statements at any indentation, without comments, docstrings and empty lines."""
    margin = len(text) - len(text.lstrip(" "))
    dedented = "\n".join(line[margin:] if line[:margin].strip() == "" else line for line in text.split("\n"))
    lines = dedented.split("\n")
    drop: Set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(dedented + "\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            # A signature in the old style says what types a function takes.
            if not token.string.startswith("# type:"):
                lines[row - 1] = lines[row - 1][:column].rstrip()
    for node in ast.walk(ast.parse(dedented)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and body else None
        if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
            drop.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    kept = [line for number, line in enumerate(lines, 1) if number not in drop and line.strip()]
    return "\n".join(" " * margin + line for line in kept)
