"""Keeps the trainings of human and sparse reward: they depend on nothing a search finds, so the next run of their task has them already.

An entry's name is a hash of all that its numbers depend on: settings, seed, the user's files and every installed package. What changes is
trained anew, under another name. Data alone, as in the run's own directory, and the sums by which a damaged entry is told from a whole one.
"""

from __future__ import annotations

import contextlib
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
from eureka.lessons import segment_ends
from eureka.run import Run
from eureka.training_plan import Training, segment_budget, spec_hash
from eureka.types import TrainResult

_KEPT_BYTES = 500_000_000
_RESULT, _SUMS = "result.json", "sums.json"


def recall(run: Run, trainings: Iterable[Training]) -> set[str]:
    """Put what is kept of the trusted ones among these into the run's directory, where `train` finds it as the work of a host that died.

    Returns the ids of those that need no training. They count their environment steps, as if they had been trained here, so that a run
    comes to the same with and without a cache; but no time. Nothing happens where nothing is kept, or where that cannot be told.
    """
    return {training.id for training, entry in _entries(run, trainings) if _taken(entry, run.dir / training.dir)}


def remember(run: Run, trainings: Iterable[Training]) -> None:
    """Keep the trusted ones among these that went well. Where that cannot be done, nothing happens: it is a convenience."""
    for training, entry in _entries(run, trainings):
        folders = [run.dir / training.dir / str(segment) for segment in range(len(segment_ends(run.config)))]
        results = [run.state.results.get(f"{training.dir}/{folder.name}") for folder in folders]
        if all(result is not None and result.status == "ok" and result.num_envs_divided == 1 for result in results):
            with contextlib.suppress(OSError):  # no room, no rights, or another run was first
                _keep(folders, entry)


def _entries(run: Run, trainings: Iterable[Training]) -> Iterator[tuple[Training, Path]]:
    """Where each trusted training is kept; none where what its numbers depend on cannot be told, or there is no place for it."""
    trusted = [training for training in trainings if training.reward != "candidate"]
    if not run.config.final.cache or not trusted or run.state.context is None:
        return
    try:
        code, cache = code_stamp(), user_cache() / "baselines"
        files = {"human": user_files.trusted_hashes(run.config, "human"), "fitness": user_files.trusted_hashes(run.config, "fitness")}
    except (OSError, RuntimeError, ConfigError):
        return
    if code is None:
        return
    budgets = [segment_budget(run.config, run.state.context, segment) for segment in range(len(segment_ends(run.config)))]
    for training in trusted:
        specs = [spec_hash(run.config, training.trial(segment), budget) for segment, budget in enumerate(budgets)]
        told = [__version__, code, files[training.reward], training.dir, specs]
        yield training, cache / hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _taken(entry: Path, folder: Path) -> bool:
    """Whether a training is in `folder` now, all its segments. What was begun there stays, and of a damaged entry nothing comes: a run
    cannot go on from a segment of it, which has no `state`."""
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a host that died
        if folder.exists() or not entry.exists():
            return False
        _copy(entry, part)
        if not _is_whole(part):  # as it was copied: another run may have been dropping it
            raise ValueError(f"{entry}: damaged")
        for path in part.glob(f"*/{_RESULT}"):
            result = TrainResult.model_validate_json(path.read_bytes())
            write_atomically(path, result.model_copy(update={"training_intervals": (), "evaluation_intervals": ()}).model_dump_json())
        (part / _SUMS).unlink()
        part.rename(folder)
    except (OSError, ValueError):
        shutil.rmtree(part, ignore_errors=True)
        return False
    with contextlib.suppress(OSError):  # a cache that may only be read
        os.utime(entry)  # the newest are those used last
    return True


def _keep(folders: Iterable[Path], entry: Path) -> None:
    """Make an entry of a training's segments, whole or not at all, in the place of one that is damaged."""
    if _is_whole(entry):
        return
    entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".") as part:
        new = Path(part, "new")
        for folder in folders:
            _copy(folder, new / folder.name)
        (new / _SUMS).write_text(json.dumps(_sums(new)))
        with contextlib.suppress(FileNotFoundError):
            entry.rename(Path(part, "damaged"))
        new.rename(entry)
    _drop_oldest(entry.parent)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder's files, with the rights that new files have here."""
    for path in source.rglob("*"):
        if path.is_file():
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / path.relative_to(source))


def _is_whole(folder: Path) -> bool:
    """Whether what lies there is an entry as it was made. Raises OSError where it may not be read."""
    try:
        return bool(json.loads((folder / _SUMS).read_bytes()) == _sums(folder))
    except (FileNotFoundError, ValueError):
        return False


def _sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path != folder / _SUMS]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _drop_oldest(cache: Path) -> None:
    """So that all that is kept stays below 500 MB."""
    room = _KEPT_BYTES
    for entry in sorted(cache.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
        room -= sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
        if room < 0:
            shutil.rmtree(entry, ignore_errors=True)
