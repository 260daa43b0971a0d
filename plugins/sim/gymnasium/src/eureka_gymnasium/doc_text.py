"""An environment's documentation without its reward, and without what helps nobody act: figures, arguments, history, credits."""

from __future__ import annotations

import inspect
import re

from eureka_gymnasium.words import text_speaks_of_reward

_DROPPED = re.compile(
    r"rewards?\b|.*\brewards?$|.*\barguments?\b"
    r"|version history|changelog|references?\b|credits?\b|citations?\b|bibliography|vectori[sz]ed env"
    r"|(?:scor|penalt|bonus|cost)\w*|solved\b|(?:args|parameters|returns|raises|examples?|usage):?$",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"(#{1,6})\s*(.+?)\s*#*$")
_TITLE = re.compile(r"(?:\*\*|__)?([A-Z][\w ]{0,40}?)(?:\*\*|__)?:(?:\*\*|__)?$")
_LOOSE = 7  # The level of `Reward:` on a line of its own: below every heading.
_UNDERLINE = re.compile(r"[-=~^]{3,}$")
_FENCED = re.compile(r"^ *```(?:\{|shell|bash|python|bibtex|\s*\n\s*(?:@|python )).*?^ *```[^\S\n]*$\n?", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(
    r"<!--.*?-->|\[<a [^>]*>\d+</a>\]|</?(?:a|b|i|em|span|div|br|p|img)\b[^>]*>|!\[[^\]]*\]\([^)]*\)|(?<=\])\(https?://[^)]*\)", re.DOTALL
)
_PADDING = re.compile(r" {2,}|-{4,}")
_ENTRY = re.compile(r"\s*(?:[-*+|]|\d+[.)])\s?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"'(])")


def prune_documentation(text: str) -> str:
    """A docstring with sections, paragraphs, rows and sentences about rewards left out; the rest as it was, unindented."""
    text = _MARKUP.sub("", _FENCED.sub("", inspect.cleandoc(text)))
    blocks = [block for section in _sections(text.split("\n")) for block in _blocks(section)]
    text = re.sub(r"\n{3,}", "\n\n", "\n\n".join(blocks)).strip()
    return "\n".join(_unpadded(line) if line.lstrip().startswith("|") else line for line in text.split("\n"))


def _unpadded(row: str) -> str:
    return _PADDING.sub(lambda padding: padding[0][:3] if padding[0][0] == "-" else " ", row)


def _sections(lines: list[str]) -> list[list[str]]:
    """The sections that stay, each with its heading."""
    sections: list[list[str]] = [[]]
    dropping: int | None = None
    for i, line in enumerate(lines):
        heading = _heading(line, lines[i + 1] if i + 1 < len(lines) else "")
        if heading is not None:
            level, title = heading
            if dropping is None or level <= dropping:
                dropping = level if _DROPPED.match(title) else None
            if dropping is None and level < _LOOSE:
                sections.append([])
        if dropping is None:
            sections[-1].append(line)
    return sections


def _heading(line: str, following: str) -> tuple[int, str] | None:
    markdown = _MARKDOWN.match(line.strip())
    if markdown is not None:
        return len(markdown[1]), markdown[2].rstrip(":")
    if line.strip() and _UNDERLINE.match(following.strip()) and len(following.strip()) >= len(line.strip()) - 2:
        return 2, line.strip()
    title = _TITLE.match(line.strip())
    return (_LOOSE, title[1]) if title is not None else None


def _blocks(lines: list[str]) -> list[str]:
    """Paragraphs, lists and tables without what speaks of reward; what such a line introduces with a colon goes with it."""
    kept: list[str] = []
    introduced = False
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        if introduced:
            introduced = False
            continue
        if text_speaks_of_reward(block):
            introduced = _speaking_end(block).rstrip().endswith(":")
            block = _without(block)
        if block.strip():
            kept.append(block.strip("\n"))
    return kept


def _speaking_end(block: str) -> str:
    last = _SENTENCE.split(block.strip())[-1]
    return last if text_speaks_of_reward(last) else ""


def _without(block: str) -> str:
    lines = block.split("\n")
    if _heading(lines[0], lines[1] if len(lines) > 1 else "") is not None:
        return "\n".join((lines[0], _without("\n".join(lines[1:])))) if len(lines) > 1 else ""
    if not any(_ENTRY.match(line) for line in lines):
        return " ".join(s for s in _SENTENCE.split(" ".join(line.strip() for line in lines)) if not text_speaks_of_reward(s))
    if (lines[0].lstrip().startswith("|") and text_speaks_of_reward(lines[0])) or re.match(r"\|.*\bpoints\b", lines[0].lower()):
        return ""
    entries: list[list[str]] = []
    for line in lines:
        if _ENTRY.match(line) or not entries:
            entries.append([line])
        else:
            entries[-1].append(line)
    return "\n".join("\n".join(entry) for entry in entries if not text_speaks_of_reward(" ".join(entry)))
