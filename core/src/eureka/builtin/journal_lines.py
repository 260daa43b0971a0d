"""Read another run's journal, or an earlier session's, as plain JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eureka.errors import JournalError


def journal_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Each record as a dict. A last line that a crash tore is no record; a broken line before it is a `JournalError`."""
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            if number == len(lines):
                return
            raise JournalError(f"{path}: line {number} is not JSON; the journal is damaged there.") from None
        if isinstance(record, dict):
            yield record
