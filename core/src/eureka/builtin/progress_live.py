"""The live view on a terminal: a table of what is going on that is drawn over itself."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import duration, number, stage_words
from eureka.builtin.progress_state import Row, RunState

if TYPE_CHECKING:
    from rich.console import RenderableType

_REDRAW_S = 0.1
_COLOURS = {"rejected": "yellow", "failed": "red", "trained": "green", "pruned": "blue", "training": "cyan"}


class LiveView:
    """Draws a state. Text from outside only ever enters as `rich.text.Text`, which knows no markup."""

    def __init__(self, force_terminal: bool) -> None:
        from rich.console import Console

        self._console = Console(
            file=sys.stdout, force_terminal=True if force_terminal else None, markup=False, emoji=False, highlight=False
        )
        self._drawn = 0.0
        self.start()

    def start(self) -> None:
        """Draw from here on, also after a stop."""
        from rich.live import Live

        # Rich's thread only redraws the renderable it was last given, which nothing changes afterwards.
        self._live = Live(console=self._console, refresh_per_second=4)
        self._live.start()

    def say(self, line: str) -> None:
        """Above the table, for good."""
        from rich.text import Text

        self._console.print(Text(line))

    def draw(self, state: RunState, at_once: bool) -> None:
        now = time.monotonic()
        if at_once or now - self._drawn >= _REDRAW_S:
            self._drawn = now
            self._live.update(render(state))

    def draw_last(self, state: RunState) -> None:
        """What stays on the screen when nothing goes on any more: the table and the best, with no time that is left."""
        self._live.update(render(state, is_over=True))

    def stop(self, erase: bool = False) -> None:
        """Draw no more; erase: leave nothing of it."""
        self._live.transient = erase
        self._live.stop()


def render(state: RunState, is_over: bool = False) -> RenderableType:
    """The stage, a row per candidate, the best so far and, unless it is over, the time left."""
    from rich.console import Group
    from rich.spinner import Spinner
    from rich.text import Text

    stage = state.stage
    words = stage_words(state, stage) if stage else "starting"
    if stage and stage.stage == "generate":
        words += f" ({state.answers} there)"
    footer = (
        f"best so far: {one_line(state.name(state.best[0]), 40)} with fitness {number(state.best[1])}"
        if state.best
        else "best so far: none"
    )
    left = None if is_over else state.seconds_left()
    if left is not None:
        of = "this" if state.run.names or (stage and stage.stage in ("retest", "final")) else "the search"
        footer += f" · about {duration(left)} left of {of}"
    title = Text(words[:1].upper() + words[1:], style="bold")
    head = title if is_over else Spinner("dots", text=title)
    rows = state.current()
    return Group(head, _table(state, rows), Text(footer)) if rows else Group(head, Text(footer))


def _table(state: RunState, rows: list[Row]) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, expand=False)
    for title in ("candidate", "state", "steps", "", "fitness"):
        table.add_column(title, no_wrap=True, justify="right" if title in ("steps", "fitness") else "left")
    table.add_column("")  # the note alone may shrink on a narrow terminal
    for row in rows:
        table.add_row(
            Text(one_line(state.name(row.id), 40)),
            Text(row.stage, style=_COLOURS.get(row.stage, "")),
            Text(f"{row.steps:,}/{row.total:,}" if row.total else ""),
            ProgressBar(total=row.total, completed=row.steps, width=12) if row.total else Text(""),
            Text(number(row.fitness) if row.fitness is not None else ""),
            Text(one_line(row.note, 60), style="dim", no_wrap=True, overflow="ellipsis"),
        )
    return table
