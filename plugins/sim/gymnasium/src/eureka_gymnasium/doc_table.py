"""An environment's documentation: the entries of its observation table, its actions, and its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eureka_gymnasium.words import speaks_of_reward

MAX_PROSE = 600
Cells = dict[str, str]

# Documentation also has "velocity (v)": only what looks like a unit is one.
_UNIT = re.compile(r"([kMcmn]?(?:m|s|g|rad|N|W|J|Pa|A|V|K|Hz|deg)\b[^()]*|°|%)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """One documented entry. index: None where the observation leaves it out. joint: MuJoCo's name for it, where the table has one."""

    index: int | None
    text: str
    joint: str
    unit: str


def section(doc: str, title: str) -> str:
    """The text under the first heading that begins with `title`, up to the next heading; empty without one."""
    match = re.search(rf"^[ \t]*#+[ \t]*{title}[^\n]*\n(.*?)(?=^[ \t]*#|\Z)", doc, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    return match[1] if match else ""


def rows(text: str, column: str) -> tuple[Row, ...]:
    """The entries of the first table that numbers them from 0 without gaps and describes them in `column`, such as Observation."""
    for table in _tables(text):
        found = [_row(cells, column) for cells in table if column in cells and _number_column(cells) is not None]
        indices = [row.index for row in found if row.index is not None]
        if indices and indices == list(range(len(indices))) and len(found) == len(table):
            return tuple(found)
    return ()


def listed(text: str, count: int) -> tuple[str, ...]:
    """The first list or table of the section with `count` entries numbered from 0, their texts in order; empty without one."""
    groups: list[list[str]] = []
    for number, entry in re.findall(r"^[ \t]*[-*][ \t]*(\d+)[ \t]*[:=][ \t]*(.+)$", text, re.MULTILINE):
        if int(number) == 0 or not groups:
            groups.append([])
        groups[-1].append(entry.strip() if int(number) == len(groups[-1]) else "")
    return next((tuple(group) for group in groups if len(group) == count and all(group)), ())


def has_list(text: str) -> bool:
    """Whether there is a list or table of numbered entries."""
    return bool(re.search(r"^[ \t]*(?:[-*][ \t]*\d+[ \t]*[:=]|\|[ \t]*\d+[ \t]*\|)", text, re.MULTILINE))


def prose(text: str) -> str:
    """The section's sentences on one line, without lists, tables, figures and what speaks of reward; at most MAX_PROSE characters."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    paragraphs = [p for p in re.split(r"\n\s*\n", text) if not re.match(r"\s*([-*|]|\d+[.:])", p)]
    plain = " ".join(" ".join(paragraphs).replace("`", "").split())
    kept = ""
    for sentence in _SENTENCE.split(plain):
        if speaks_of_reward(sentence):
            continue
        if len(kept) + len(sentence) > MAX_PROSE:
            break
        kept = f"{kept} {sentence}".strip()
    return kept.rstrip(":")


def _tables(text: str) -> Iterator[list[Cells]]:
    """Every Markdown table as its rows, cells by lower-case heading."""
    block: list[list[str]] = []
    for line in (*text.splitlines(), ""):
        if line.strip().startswith("|"):
            block.append([cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")])
        elif block:
            heads = [head.lower() for head in block[0]]
            yield [dict(zip(heads, cells, strict=False)) for cells in block[1:] if not all(re.fullmatch(":?-+:?", c) for c in cells)]
            block = []


def _row(cells: Cells, column: str) -> Row:
    number = cells[_number_column(cells) or ""]
    joint = next((cells[head] for head in cells if head.startswith("name")), "")
    unit = next((cells[head] for head in cells if "unit" in head), "")
    bracketed = re.search(r"\(([^()]*)\)\s*$", unit)
    unit = bracketed[1] if bracketed else unit
    return Row(
        index=int(number) if number.isdigit() else None,
        text=cells[column].strip("* "),
        joint="" if joint.upper() in ("NA", "N/A", "-") else re.sub(r"\s+\(.*", "", joint),
        unit=unit if _UNIT.fullmatch(unit) else "",
    )


def _number_column(cells: Cells) -> str | None:
    return next((head for head in ("num", "index", "no.", "#", "idx", "number") if head in cells), None)


def joined(entries: Sequence[str]) -> str:
    """`0: push left, 1: push right`."""
    return ", ".join(f"{i}: {entry}" for i, entry in enumerate(entries))
