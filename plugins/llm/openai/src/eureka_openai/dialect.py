"""What a server turns out to take: learnt from its refusals, once for all threads that ask it."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

_LIMITS = ("max_tokens", "max_completion_tokens")
_CAN_GO = ("temperature", "reasoning_effort", "stream_options")
_OF_A_VALUE = re.compile(
    r"\btoo \w+|\bat (most|least)\b|\bbetween\b|\brange\b|\bmaximum\b|\bminimum\b|\bexceed|\bgreater\b|\bless than\b"
    r"|\bsupported values\b|[<>≤≥]",
    re.IGNORECASE,
)
_OF_A_NAME = re.compile(r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra\b", re.IGNORECASE)
_SEVERAL = re.compile(r"(?<![\w\\])n(?!\w)|\bchoices?\b|candidate", re.IGNORECASE)


class Dialect:
    """How to word a request for one server.

    limit: what it calls the most tokens of an answer. It is never left out, as budgets are kept by it; only its name changes.
    n: whether to ask for several answers in one call. forced: whatever comes of it.
    """

    def __init__(self, limit: str, n: bool, forced: bool) -> None:
        self.n = n
        self._forced = forced
        self._limit = limit
        self._renamed = False
        self._left_out: set[str] = set()
        self._lock = threading.Lock()

    def worded(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """A request as this server takes it, as far as known. `wanted` has the limit as `max_tokens`."""
        with self._lock:
            return {self._limit if name == "max_tokens" else name: value for name, value in wanted.items() if name not in self._left_out}

    def gave_fewer(self) -> None:
        """It was asked for several answers and gave fewer."""
        self.n = self.n and self._forced

    def learn(self, sent: Mapping[str, Any], param: str | None, words: str) -> str | None:
        """Take a refusal of what was `sent` to heart, where it is of a parameter. Returns the one left out from now on, if that is news.

        param: the parameter the server says it is about; else its words tell.
        """

        def named(name: str) -> bool:
            return name in sent and (param.split(".")[-1] == name if param else bool(re.search(rf"(?<!\w){name}(?!\w)", words)))

        if "n" in sent and (param == "n" if param else _SEVERAL.search(words)):
            self.gave_fewer()
            return None
        if _OF_A_VALUE.search(words):  # the name is known and the value wrong: for the user to put right
            return None
        with self._lock:
            for name in _CAN_GO:
                if named(name):
                    new = name not in self._left_out
                    self._left_out.add(name)
                    return name if new else None
            if named(self._limit) and not self._renamed and _OF_A_NAME.search(words):
                self._limit = _LIMITS[1 - _LIMITS.index(self._limit)]
                self._renamed = True
        return None
