"""Conda's trap: an environment's own libstdc++, which every program in it loads, is older than what was compiled against another."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from eureka.doctor.finding import Finding
from eureka.doctor.interpreter import Interpreter

_NAME = "libstdc++.so.6"
_SYSTEM = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib")
_VERSION = re.compile(rb"GLIBCXX_(\d+)\.(\d+)(?:\.(\d+))?\0")
# Small ones of torch's, whose needs are those of the large.
_OF_TORCH = ("libc10.so", "libtorch_python.so")


def check_libstdcxx(root: Path, other: Interpreter) -> Iterator[Finding]:
    """A line where the interpreter's environment has one; else the system's serves all."""
    own = next((path for prefix in other.prefixes if (path := prefix / "lib" / _NAME).exists()), None)
    if own is None:
        return
    has = newest(own)
    torch = other.modules.get("torch")
    needed = max((newest(path) for name in _OF_TORCH if torch and (path := torch / "lib" / name).exists()), default=())
    system = max((newest(path) for folder in _SYSTEM if (path := root / folder / _NAME).exists()), default=())
    after = f'conda install -p {own.parent.parent} -c conda-forge "libstdcxx-ng>=13"'
    found = f"{own} ends at GLIBCXX_{_words(has)}"
    if needed > has:
        means = f"torch there needs {_words(needed)}: ImportError: version `GLIBCXX_{_words(needed)}' not found."
        yield Finding("GLIBCXX", "problem", found, means, after)
    elif system > has:
        means = f"What the system's g++ compiles, as gymtorch, and its drivers may need up to GLIBCXX_{_words(system)}, which that lacks."
        yield Finding("GLIBCXX", "warning", found, means, after)
    else:
        yield Finding("GLIBCXX", "ok", found)


def newest(library: Path) -> tuple[int, ...]:
    """The newest GLIBCXX version that a library names, whether it offers or needs it; empty where it names none."""
    if not library.stat().st_size:
        return ()
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return max((tuple(int(part or 0) for part in match.groups()) for match in _VERSION.finditer(data)), default=())


def _words(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
