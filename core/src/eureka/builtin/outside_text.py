"""Text from outside (models, candidates, people, simulators) made fit for prompts and terminals: it stays data."""

from __future__ import annotations

import re
import unicodedata

ERROR_LIMIT = 800


def plain(text: str, limit: int | None = None) -> str:
    """Without control and invisible characters except newline and tab, cut at `limit` characters."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return kept if limit is None or len(kept) <= limit else kept[: limit - 1] + "…"


def one_line(text: str, limit: int = 200) -> str:
    """The same on one line."""
    return plain(" ".join(plain(text).split()), limit)


def fenced(text: str, language: str = "") -> str:
    """As a code block that nothing in the text can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
