"""How long a provider asks not to be called again, and how long that is obeyed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

LONGEST_WAIT_S = 120.0
"""A run that would have to wait longer stops and says so: nobody is to find in the morning that it slept all night."""


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds, by `retry-after-ms` or `retry-after`, which holds seconds or a date (RFC 9110, 10.2.3); None where neither says so."""
    for name, scale in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return float(headers.get(name, "")) / scale
        except ValueError:
            continue
    date = parsedate_tz(headers.get("retry-after", ""))
    try:
        return mktime_tz(date) - time.time() if date is not None else None
    except (ValueError, OverflowError):
        return None


def too_long(headers: Mapping[str, str]) -> bool:
    """Whether the provider asks for more than is obeyed."""
    wait = asked_wait(headers)
    return wait is not None and wait > LONGEST_WAIT_S


def in_words(seconds: float) -> str:
    """`5 min`, `2.5 h`."""
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.3g} h"
