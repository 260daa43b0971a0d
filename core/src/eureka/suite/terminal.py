"""A suite on the terminal: its table in at most 100 columns, the aggregates, what else to know, and where everything is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eureka.builtin.outside_text import one_line
from eureka.suite import words
from eureka.suite.rows import Row

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 100
_HEADER = ("task", "found", "human", "fitness\nas reward", "human-normalised\nscore [95 %]", "corr.")


def show(told: Mapping[str, Any], console: Console | None = None) -> None:
    """Print it. told: `suite.json`. Text from outside is never read as markup; where no terminal reads, there are no colours."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console(file=sys.stdout, markup=False, emoji=False, highlight=False)
    console.width = min(console.width, _WIDTH) if console.is_terminal else _WIDTH
    table = Table(box=None, pad_edge=False, expand=False)
    for title in _HEADER:
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for row in told["tasks"]:
        table.add_row(*(Text(cell, style=_style(row) if number == 4 else "") for number, cell in enumerate(_cells(row))))
    console.print()
    console.print(table)
    console.print()
    console.print(Text(words.counts(told)))
    for value, label, more in words.tiles(told):
        console.print(Text(f"{label[:1].upper()}{label[1:]}: {value}{f' ({more})' if more else ''}"))
    if less := [one_line(row["task"]) for row in told["tasks"] if row["fitness"]["goal"] == "minimize"]:
        console.print(Text(f"Less fitness is better: {', '.join(less)}"))
    for task, text in words.remarks(told):
        console.print(Text(f"{task}: {text}"))


def _cells(row: Row) -> list[str]:
    name = one_line(row["task"], 60)
    if row["status"] != "done":
        return [name, words.standing(row), "", "", "", ""]
    # What failed stands below, where there is room for it.
    figures = [words.measured(row[reward]).replace(" (", "\n(") for reward in ("found", "human", "sparse")]
    return [name, *figures, words.score(row), words.short(row["correlation"]["score"], 2)]


def _style(row: Row) -> str:
    """Green where the found reward is above the human one for sure, red where it is below for sure."""
    interval = row["against_human"]["interval"]
    return "" if interval is None else "green" if interval[0] > 0 else "red" if interval[1] < 0 else ""
