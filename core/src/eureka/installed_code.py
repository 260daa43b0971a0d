"""Tells whether any Python code that an environment may be made of has changed since, without importing it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

_MOST_FILES = 5000  # of sources outside of installed packages: beyond it looking costs more than it can save


def code_stamp() -> str | None:
    """Equal for two processes only where all packages they can import are the same; None where that would take too long to tell.

    An installed package is what its metadata's name and time say: version, and when it was installed. What is imported from its sources
    (an editable install, `PYTHONPATH`) can change any time, so there every Python file's size and time count.
    """
    installed = sorted(_installed())
    sources = []
    for root in (*_editable(path for path, _ in installed), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))):
        for file in _python_files(root):
            status = file.stat()
            sources.append((file.path, status.st_size, status.st_mtime_ns))
            if len(sources) > _MOST_FILES:
                return None
    return json.dumps([sys.version, installed, sources])


def _installed() -> Iterator[tuple[str, int]]:
    """The metadata folder (`numpy-2.1.0.dist-info`) of every installed package, and when it was written."""
    for folder in filter(Path.is_dir, map(Path, dict.fromkeys(sys.path))):
        with os.scandir(folder) as entries:
            yield from ((entry.path, entry.stat().st_mtime_ns) for entry in entries if entry.name.endswith((".dist-info", ".egg-info")))


def _editable(dists: Iterable[str]) -> Iterator[str]:
    """The project folders of those that are installed as links to their sources. Says so: PEP 610."""
    for dist in dists:
        direct_url = Path(dist, "direct_url.json")
        if direct_url.is_file():
            url = json.loads(direct_url.read_text(encoding="utf-8"))
            if url.get("dir_info", {}).get("editable"):
                yield url2pathname(urlsplit(url["url"]).path)


def _python_files(folder: str) -> Iterator[os.DirEntry[str]]:
    """In any depth, but in no hidden folder and no virtual environment."""
    if not Path(folder).is_dir() or Path(folder, "pyvenv.cfg").exists():
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from _python_files(entry.path)
            elif entry.name.endswith(".py") and entry.is_file():
                yield entry
