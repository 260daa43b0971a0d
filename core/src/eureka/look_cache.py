"""Keeps what describing an environment gave: that takes seconds, where trying a reward on it takes milliseconds.

An entry is data alone, a JSON file and arrays that are loaded without pickle, and its name a hash of all that it depends on. So there is
nothing to invalidate: what changes is described anew, under another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from eureka import __version__, user_files
from eureka.config import Config
from eureka.errors import ConfigError
from eureka.files import user_cache
from eureka.installed_code import code_stamp
from eureka.jobs import Jobs
from eureka.look import describe, job_of_run
from eureka.search_start import find_start
from eureka.types import EnvContext
from eureka.warm_start import policy_sha256

_KEPT = 20
_CONTEXT, _RECORDINGS = "context.json", "recordings.npz"


def look_again(config: Config, folder: Path, jobs: Jobs, as_run: bool = False) -> EnvContext:
    """As `look.describe`, from the user's cache where the same was described before; without a cache where none can be had."""
    entry = _entry(config, as_run)
    if entry is None:
        return describe(config, folder, jobs, as_run)
    context = _recall(entry, folder)
    if context is None:
        context = describe(config, folder, jobs, as_run)
        try:
            _remember(entry, folder, context)
        except OSError:
            pass  # no room, no rights, no recordings: it is a convenience
    return context


def _entry(config: Config, as_run: bool) -> Path | None:
    """Where it is kept; None where what it depends on cannot all be told, or where there is no place for it."""
    try:
        code = code_stamp()
        files = user_files.trusted_hashes(config, "human") if as_run else user_files.task_hashes(config.task)
        cache = user_cache()
    except (OSError, RuntimeError, ConfigError):  # unreadable sources; no home
        return None
    if code is None:
        return None
    parts = [__version__, config.task.model_dump(mode="json", by_alias=True), config.seed, files, code]
    if as_run:
        parts.append(job_of_run(config, Path()).model_dump(mode="json", by_alias=True))
        start = find_start(config)
        parts.append(policy_sha256(start.checkpoint) if start is not None else "")
    return cache / "recordings" / hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _recall(entry: Path, folder: Path) -> EnvContext | None:
    """Put the entry where `describe` would have; None where there is none, or one that is damaged."""
    try:
        context = EnvContext.model_validate_json((entry / _CONTEXT).read_bytes())
        (folder / "context").mkdir(exist_ok=True)
        recordings = Path(shutil.copy(entry / _RECORDINGS, folder / "context"))
        with zipfile.ZipFile(recordings) as archive:
            whole = archive.testzip() is None and set(archive.namelist()) >= {f"{name}.npy" for name in context.arguments}
        os.utime(entry)  # the newest are those used last
    except Exception:  # not there, or damaged in whatever way
        return None
    return context if whole else None


def _remember(entry: Path, folder: Path, context: EnvContext) -> None:
    """Write the entry whole, the last part by rename, so that commands side by side only ever find the same."""
    recordings = (folder / "context" / _RECORDINGS).read_bytes()  # first: a simulator's own worker leaves none, and nothing is kept then
    entry.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, data in ((_RECORDINGS, recordings), (_CONTEXT, context.model_dump_json().encode())):
        with tempfile.NamedTemporaryFile(dir=entry, delete=False) as part:
            part.write(data)
        Path(part.name).replace(entry / name)
    os.utime(entry)
    for old in sorted(entry.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
