"""What a suite is, and the content of `suite.json`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eureka
from eureka.config import Config
from eureka.suite.aggregates import aggregates
from eureka.suite.rows import Row

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite.

    configs: of each task, in the order they run. left_out: by task, why it is not among them.
    command: what was typed when it was made, `config` and `sets`. started: in seconds since 1970.
    """

    dir: Path
    configs: Mapping[str, Config]
    left_out: Mapping[str, str]
    command: Mapping[str, Any]
    started: float


def contents(suite: Suite, rows: Sequence[Row]) -> dict[str, Any]:
    """`suite.json`: a row for each task (`eureka.suite.rows`), and what they come to together (`eureka.suite.aggregates`)."""
    return {
        "format": FORMAT,
        "eureka": eureka.__version__,
        "started": suite.started,
        "written": time.time(),
        "command": dict(suite.command),
        "tasks": list(rows),
        "left_out": [{"task": name, "why": why} for name, why in suite.left_out.items()],
        "aggregates": aggregates(rows),
    }


def as_json(told: Mapping[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
