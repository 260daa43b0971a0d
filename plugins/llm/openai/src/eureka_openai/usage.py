"""What a call used, and whose it is where one call gave several answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple


class Used(NamedTuple):
    """Tokens of one call. cost_usd: where the server tells it."""

    read: int
    written: int
    cached: int = 0
    cache_write: int = 0
    cost_usd: float | None = None

    def shares(self, answers: int) -> Iterator[dict[str, Any]]:
        """The part of each answer; together they are the whole.

        What was read was billed once: it is the first answer's, and so is a cost that was told. What was written is shared equally; where
        that leaves a rest, the first answers have one token more.
        """
        each, rest = divmod(self.written, answers)
        for k in range(answers):
            first = {"input_tokens": self.read, "cached_input_tokens": self.cached, "cache_write_tokens": self.cache_write}
            cost = None if self.cost_usd is None else self.cost_usd if k == 0 else 0.0
            yield {**(first if k == 0 else {}), "output_tokens": each + (k < rest), "cost_usd": cost}


def used(usage: Any) -> Used | None:
    """Of the `usage` block of an answer; None where there is none or it says nothing."""
    read, written = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    # Some servers leave the tokens of reasoning out of completion_tokens, and none out of total_tokens.
    written = max(written, _count(usage, "total_tokens") - read)
    if not read and not written:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    cached = min(read, _count(details, "cached_tokens") or _count(usage, "prompt_cache_hit_tokens"))  # the latter: DeepSeek
    return Used(read, written, cached, min(read - cached, _count(details, "cache_write_tokens")), _cost(getattr(usage, "cost", None)))


def _cost(value: Any) -> float | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return float(value) if number else None


def _count(block: Any, name: str) -> int:
    value = getattr(block, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
