"""Keeps the trainings of human and sparse reward: they depend on nothing a search finds, so the next run of their task has them already.

An entry's name is a hash of all that its numbers depend on: settings, seed, the user's files and every installed package. What changes is
trained anew, under another name. Data alone, as in the run's own directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from eureka import __version__, user_files
from eureka.errors import ConfigError
from eureka.files import user_cache, write_atomically
from eureka.installed_code import code_stamp
from eureka.run import Run
from eureka.training_plan import Training, segment_budget, spec_hash
from eureka.types import TrainResult

_KEPT_BYTES = 500_000_000
_RESULT = "result.json"


def recall(run: Run, trainings: Iterable[Training]) -> set[str]:
    """Put what is kept of the trusted ones among these into the run's directory, where `train` finds it as the work of a host that died.

    Returns the ids of those that need no training. They count their environment steps, as if they had been trained here, so that a run
    comes to the same with and without a cache; but no time. Nothing happens where nothing is kept, or where that cannot be told.
    """
    known = set()
    for training, entry in _entries(run, trainings):
        segments = [str(segment) for segment in range(len(run.config.training.ends))]
        folder = run.dir / training.dir
        if entry.exists() and not folder.exists() and all(_copy(entry / segment, folder / segment) for segment in segments):
            known.add(training.id)
            os.utime(entry)  # the newest are those used last
    return known


def remember(run: Run, trainings: Iterable[Training]) -> None:
    """Keep the trusted ones among these that went well. Where that cannot be done, nothing happens: it is a convenience."""
    for training, entry in _entries(run, trainings):
        folders = [run.dir / training.dir / str(segment) for segment in range(len(run.config.training.ends))]
        results = [run.state.results.get(f"{training.dir}/{folder.name}") for folder in folders]
        if entry.exists() or any(result is None or result.status != "ok" for result in results):
            continue
        try:
            entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".") as part:
                for folder in folders:
                    shutil.copytree(folder, Path(part, "entry", folder.name))
                Path(part, "entry").rename(entry)
            _drop_oldest(entry.parent)
        except OSError:  # no room, no rights, or another run was first
            return


def _entries(run: Run, trainings: Iterable[Training]) -> Iterator[tuple[Training, Path]]:
    """Where each trusted training is kept; none where what its numbers depend on cannot be told, or there is no place for it."""
    trusted = [training for training in trainings if training.reward != "candidate"]
    if not run.config.final.cache or not trusted or run.state.context is None:
        return
    try:
        code, files, cache = code_stamp(), user_files.hashes(run.config), user_cache() / "baselines"
    except (OSError, RuntimeError, ConfigError):
        return
    if code is None:
        return
    budgets = [segment_budget(run.config, run.state.context, segment) for segment in range(len(run.config.training.ends))]
    for training in trusted:
        specs = [spec_hash(run.config, training.trial(segment), budget) for segment, budget in enumerate(budgets)]
        name = hashlib.sha256(json.dumps([__version__, code, files, training.dir, specs], sort_keys=True).encode()).hexdigest()[:32]
        yield training, cache / name


def _copy(kept: Path, folder: Path) -> bool:
    """Whether one segment is there now, whole; of a damaged entry nothing is."""
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(kept, part)
        result = TrainResult.model_validate_json((part / _RESULT).read_bytes())
        timeless = result.model_copy(update={"training_intervals": (), "evaluation_intervals": ()})
        write_atomically(part / _RESULT, timeless.model_dump_json())
        part.rename(folder)
    except (OSError, ValueError):
        shutil.rmtree(part, ignore_errors=True)
        return False
    return True


def _drop_oldest(cache: Path) -> None:
    """So that all that is kept stays below 500 MB."""
    room = _KEPT_BYTES
    for entry in sorted(cache.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
        room -= sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
        if room < 0:
            shutil.rmtree(entry, ignore_errors=True)
