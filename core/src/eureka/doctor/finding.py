"""What a check found, and where it looked."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "warning", "problem", "not there"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    status: `problem`: something does not work that should; `warning`: it may not, or not as one expects; `not there`: what is optional is
    missing. found: what there is. means: what follows from it. next: the command to type, or what to do. The last two are empty where all
    is well.
    """

    check: str
    status: Status
    found: str
    means: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The machine that is looked at, and how. The environment is this process's.

    root: of the file system that /proc, /sys and libraries are read from. other: another interpreter to look at, such as IsaacGym's.
    load: whether every plugin is imported, each dist in a process of its own. without: layers of confinement to do without, as if the
    system lacked them.
    """

    root: Path = Path("/")
    python: Path = Path(sys.executable)
    other: Path | None = None
    load: bool = False
    without: tuple[str, ...] = ()
