"""Python code as coloured text: pygments says what each piece of it is, the page's stylesheet what colour that has."""

from __future__ import annotations

from functools import lru_cache

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

_LONGEST = 100_000
"""Longer code is shown in one colour: a lexer takes seconds for a million characters."""
_COLOURS = {Keyword: "k", Operator.Word: "k", Comment: "c", String: "s", Number: "m", Name.Function: "f", Name.Builtin: "f"}


def tokens(code: str) -> list[str | int]:
    """Class, length, class, length, …: together the code's length. A class is a letter of the stylesheet's, or empty."""
    return [part for pair in _tokens(code) for part in pair]


def lines(code: str) -> list[list[tuple[str, str]]]:
    """The code's lines, each as its pieces: class and text."""
    rows, start = list[list[tuple[str, str]]]([[]]), 0
    for name, length in _tokens(code):
        for number, part in enumerate(code[start : start + length].split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append((name, part))
        start += length
    return rows


@lru_cache(maxsize=1024)
def _tokens(code: str) -> tuple[tuple[str, int], ...]:
    if len(code) > _LONGEST:
        return (("", len(code)),)
    found: list[tuple[str, int]] = []
    for _, kind, value in PythonLexer().get_tokens_unprocessed(code):
        name = _colour(kind)
        if found and found[-1][0] == name:
            found[-1] = name, found[-1][1] + len(value)
        else:
            found.append((name, len(value)))
    return tuple(found)


@lru_cache(maxsize=256)
def _colour(kind: _TokenType) -> str:
    return next((name for group, name in _COLOURS.items() if kind in group), "")
