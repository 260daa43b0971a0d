"""The long texts of a page: prompts, answers and programs, each kept once and as long as the page has room for."""

from __future__ import annotations

from jinja2.utils import htmlsafe_json_dumps

from eureka.builtin.outside_text import plain

_LIMITS = (1_000_000, 200_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 50)


class Texts:
    """Texts by number. Prompts repeat from sample to sample, so the same text has the same number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, text: str) -> int:
        """The number of a text from outside."""
        return self._numbers.setdefault(text, len(self._numbers))

    def fitted(self, size: int) -> list[str]:
        """All of them, by number, without invisible characters; as JSON of at most `size` bytes: the longest are cut, and say so.

        Where even the shortest cut is too much, as for thousands of candidates, that one.
        """
        texts = [plain(text) for text in self._numbers]
        for limit in _LIMITS:
            kept = [_cut(text, limit) for text in texts]
            if sum(len(htmlsafe_json_dumps(text)) + 1 for text in kept) <= size:
                break
        return kept


def _cut(text: str, limit: int) -> str:
    return (
        text if len(text) <= limit else f"{text[:limit]}\n… {len(text) - limit:,} more characters are in the candidate's folder of the run."
    )
