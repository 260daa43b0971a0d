"""Prints rows as aligned columns. Plain text: what a plugin's metadata says is never read as markup."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> None:
    """The header and the rows, each column as wide as its widest cell, the last one as long as it is.

    width: the last column goes on in further lines instead of beyond it, as far as that leaves it room for words, and a newline in it
    begins one.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header) - 1)]
    room = None if width is None else max(20, width - sum(column + 2 for column in widths))
    for line in lines:
        for last in [line[-1]] if room is None else _wrapped(line[-1], room):
            click.echo("  ".join([*(cell.ljust(column) for cell, column in zip(line, widths, strict=False)), last]).rstrip())
            line = [""] * len(line)


def _wrapped(text: str, room: int) -> list[str]:
    return [part for line in text.split("\n") for part in textwrap.wrap(line, room, break_on_hyphens=False) or [""]]
