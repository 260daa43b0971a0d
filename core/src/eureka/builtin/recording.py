"""What models answered in a run, each answer with the question it was given to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eureka.builtin.journal_lines import journal_lines
from eureka.builtin.outside_text import plain
from eureka.completion_key import completion_key
from eureka.types import Message

Place = tuple[int, int, int, int]
"""(restart, iteration, sample, attempt)."""
_SHOWN = 100


class Recorded(NamedTuple):
    """An answer. key: empty where no model was asked, or by an older version; question: the `asked` record it is the answer to."""

    text: str
    provider: str = ""
    model: str = ""
    finish_reason: str = ""
    key: str = ""
    question: Mapping[str, Any] = {}

    def answers(self, messages: Sequence[Message], place: Place) -> bool:
        """Whether these messages are what it answered, as far as can be told."""
        return not self.key or self.key == completion_key(self.provider, self.model, self.question.get("parameters", {}), messages, place)

    def difference(self, messages: Sequence[Message]) -> str:
        """The first line at which these messages are not those it answered, in words."""
        then = [(str(m["role"]), str(m["content"])) for m in self.question.get("messages", ())]
        now = [(m.role, m.content) for m in messages]
        for number, (old, new) in enumerate(zip(then, now, strict=False), 1):
            if old[0] != new[0]:
                return f"message {number} was of the {old[0]}, and now of the {new[0]}"
            if old[1] != new[1]:
                return f"message {number} ({new[0]}) differs " + _difference(old[1], new[1])
        if len(then) != len(now):
            return f"it had {len(then)} messages, and now there are {len(now)}"
        return "its journal has been changed since"  # the messages are the same, yet not what the key was made of


def read_recording(journal: Path) -> dict[Place, Recorded]:
    """Every answer in a journal. Raises JournalError."""
    asked: dict[Place, dict[str, Any]] = {}
    found = {}
    for line in journal_lines(journal):
        if line.get("kind") == "asked":
            asked.update(dict.fromkeys(_places(line), line))
        elif line.get("kind") == "completion":
            place = (line["restart"], line["iteration"], line["sample"], line.get("attempt", 0))
            told = {name: line.get(name, "") for name in ("text", "provider", "model", "finish_reason", "key")}
            found[place] = Recorded(**told, question=asked.get(place, {}))
    return found


def _places(question: dict[str, Any]) -> Iterator[Place]:
    for sample in question["samples"]:
        yield question["restart"], question["iteration"], sample, question.get("attempt", 0)


def _difference(old: str, new: str) -> str:
    then, now = old.split("\n"), new.split("\n")
    number = next((n for n, (a, b) in enumerate(zip(then, now, strict=False)) if a != b), min(len(then), len(now)))
    return f"in line {number + 1}: {_line(then, number, now)} then, {_line(now, number, then)} now"


def _line(lines: Sequence[str], number: int, others: Sequence[str]) -> str:
    """One line, from a little before where it differs from the other."""
    if number >= len(lines):
        return "nothing"
    line, other = lines[number], others[number] if number < len(others) else ""
    same = next((k for k, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), min(len(line), len(other)))
    start = max(0, same - _SHOWN // 2) if len(line) > _SHOWN else 0
    return f'"{"…" if start else ""}{plain(line[start:], _SHOWN)}"'
