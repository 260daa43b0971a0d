"""Shows a question on the terminal and reads what is typed there, a line at a time."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

from eureka.builtin.outside_text import plain

_INPUT, _ERROR = 0, 2
_LONGEST = 60
_LOOK_S = 0.2


class Terminal:
    """Standard input and error of this process. left: says that nobody waits for an answer any more."""

    def __init__(self, left: Callable[[], bool]) -> None:
        self._left = left

    @staticmethod
    def missing() -> str:
        """Which of the two is no terminal; empty where both are."""
        return next((name for fd, name in ((_INPUT, "standard input"), (_ERROR, "standard error")) if not os.isatty(fd)), "")

    def say(self, text: str) -> None:
        print(plain(text), file=sys.stderr, flush=True)

    def show(self, question: Path) -> None:
        """The file's text; where that is long, its path."""
        text = question.read_text(encoding="utf-8")
        lines = text.count("\n")
        self.say(text if lines <= _LONGEST else f"The question is in {question} ({lines} lines).")

    def read(self, overdue: Callable[[], bool]) -> str:
        """What is typed up to a line with a single dot or Ctrl-D; empty where nothing is in time, or nothing three times in a row."""
        for again in ("There is no answer in that. Once more, please:",) * 2 + ("",):
            text = self._text(overdue)
            if text.strip() or self._left() or overdue():
                return text
            self.say(again)
        return ""

    def line(self, overdue: Callable[[], bool]) -> str | None:
        """One line of what is typed, without its end; None where none will come any more, as after Ctrl-D."""
        piece = self._piece(overdue)
        return piece.decode("utf-8", "replace").rstrip("\r\n") if piece else None

    def _text(self, overdue: Callable[[], bool]) -> str:
        typed = b""
        while piece := self._piece(overdue):
            at_start = not typed or typed.endswith(b"\n")
            if at_start and piece.strip() == b".":
                break
            typed += piece
        return typed.decode("utf-8", "replace")

    def _piece(self, overdue: Callable[[], bool]) -> bytes:
        # Not by `sys.stdin`: a thread that waits in it holds its lock, without which an interrupted process cannot end.
        while not (self._left() or overdue()):
            if select.select([_INPUT], [], [], _LOOK_S)[0]:
                try:
                    return os.read(_INPUT, 65536)  # a terminal gives at most a line
                except OSError:
                    return b""  # it is gone
        return b""
