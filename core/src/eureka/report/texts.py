"""The long texts of a page: prompts, answers and programs, each kept once, packed, and as long as the page has room for."""

from __future__ import annotations

import base64
import json
import zlib
from bisect import bisect_left
from typing import Any, Literal, get_args

from eureka.builtin.outside_text import plain
from eureka.report.page import finite

Kind = Literal["prompt", "answer", "program", "best"]
"""What a text is, what is cut first at the front: everything of the best candidate's is `best`."""
_KINDS = get_args(Kind)
_LIMITS = tuple(round(50 * 2 ** (step / 4)) for step in reversed(range(59)))
"""Characters of a text, from more than an answer has down to 50."""


class Texts:
    """Texts by number. Prompts repeat from sample to sample, so the same text has the same number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._kinds: list[int] = []

    def add(self, text: str, kind: Kind) -> int:
        """The number of a text from outside. What it is to several candidates, it is to the one for whom it is cut last."""
        number = self._numbers.setdefault(text, len(self._numbers))
        if number == len(self._kinds):
            self._kinds.append(0)
        self._kinds[number] = max(self._kinds[number], _KINDS.index(kind))
        return number

    def packed(self, candidates: dict[str, Any], size: int) -> str:
        """`{"candidates": candidates, "texts": [text, …]}` for the page's script: JSON, compressed, as base64 of at most `size` bytes.

        The texts come without invisible characters. Where they are too much, the longest prompts are cut, then answers, then programs, and
        say so. Where even the shortest cuts are too much, as for thousands of candidates, those.
        """
        candidates = finite(candidates)
        texts, limits = [plain(text) for text in self._numbers], [_LIMITS[0]] * len(_KINDS)

        def at(kind: int, limit: int) -> str:
            limits[kind] = limit
            cut = [_cut(text, limits[of]) for text, of in zip(texts, self._kinds, strict=True)]
            return _pack({"candidates": candidates, "texts": cut})

        shown = at(0, _LIMITS[0])
        for kind in range(len(_KINDS)):
            if len(shown) <= size:
                break
            place = bisect_left(_LIMITS[:-1], True, key=lambda limit, kind=kind: len(at(kind, limit)) <= size)  # type: ignore[misc]
            shown = at(kind, _LIMITS[place])
        return shown


def _pack(content: dict[str, Any]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(content, separators=(",", ":"), allow_nan=False).encode())).decode()


def _cut(text: str, limit: int) -> str:
    return (
        text if len(text) <= limit else f"{text[:limit]}\n… {len(text) - limit:,} more characters are in the candidate's folder of the run."
    )
