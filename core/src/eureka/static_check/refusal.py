"""How a program is refused: in words for the model that wrote it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from eureka.suggest import nearest

MAX_MESSAGE = 800
_MAX_WORD = 60
"""Names and whatever else of the program is repeated; no allowed word is longer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a program is refused, in words for the model that wrote it. line: of the program; None where it has none."""

    message: str
    line: int | None = None

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class Refused(Exception):
    """Ends the check. `problem` is fit to be shown: cut, and without characters that do anything."""

    def __init__(self, message: str, line: int | None) -> None:
        words = re.sub(rf"\S{{{_MAX_WORD + 1},}}", lambda word: word[0][: _MAX_WORD - 1] + "…", message)
        plain = "".join(letter if letter.isprintable() else " " for letter in words)
        self.problem = Problem(plain[:MAX_MESSAGE], line or None)


def refuse(message: str, at: ast.AST | int | None = None) -> NoReturn:
    """Refuse the program because of the node, or the line, `at`."""
    raise Refused(message, getattr(at, "lineno", None) if isinstance(at, ast.AST) else at)


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """To be put behind a statement: a question where a valid name is very near, else a full stop."""
    near = nearest(name[:_MAX_WORD], valid, 1, likeness=0.75)
    return f"; did you mean `{near[0]}`?" if near else "."
