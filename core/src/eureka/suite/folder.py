"""A suite on disk: a folder with `suite.json`, the config of each task as it was when the suite was made, and a run for each."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from eureka.config import Config, load_resolved, to_yaml
from eureka.config_changes import differences, in_words, listed
from eureka.errors import ConfigError
from eureka.files import write_atomically
from eureka.suite.contents import FORMAT, Suite, as_json, contents
from eureka.suite.rows import row

_CONFIGS = "configs"


def default_dir() -> Path:
    """`suites/<time>`, with a number where that exists."""
    stem = time.strftime("%Y%m%d-%H%M%S")
    return next(path for name in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if not (path := Path("suites", name)).exists())


def is_suite(folder: Path) -> bool:
    """Whether a suite is there. Raises ConfigError where something else is."""
    if (folder / "suite.json").is_file():
        return True
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: exists already and is no suite. Give another --dir.")
    return False


def make(suite: Suite) -> None:
    """Make the folder, mode 0700, whole or not at all. Raises ConfigError where that cannot be."""
    staging = suite.dir.absolute().with_name(f".{suite.dir.name}.{os.getpid()}")
    try:
        staging.mkdir(mode=0o700, parents=True)
        _write(staging, suite)
        staging.rename(suite.dir)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise ConfigError(f"{suite.dir}: cannot be made ({error.strerror}). Give another --dir.") from None


def open_suite(folder: Path) -> Suite:
    """The suite that was left there. Raises ConfigError where its files are not as a suite writes them."""
    try:
        kept = json.loads((folder / "suite.json").read_bytes())
        if kept["format"] > FORMAT:
            raise ConfigError(f"{folder}: made by Eureka {kept['eureka']}, which is newer. Upgrade with: pip install -U eureka-core")
        configs = {one["task"]: load_resolved(folder / _CONFIGS / f"{one['task']}.yaml") for one in kept["tasks"]}
        left_out = {one["task"]: one["why"] for one in kept["left_out"]}
        return Suite(folder, configs, left_out, kept["command"], kept["started"])
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{folder / 'suite.json'}: is not as a suite writes it ({type(error).__name__}: {error}). Give another --dir."
        ) from None


def refuse_other_settings(suite: Suite, configs: Mapping[str, Config]) -> None:
    """Raise ConfigError, naming what differs, where a task that the suite has would get other settings."""
    both = {name: config for name, config in configs.items() if name in suite.configs}
    lines = [f"{name}: {line}" for name, config in both.items() for line in in_words(differences(suite.configs[name], config))]
    if lines:
        kept = suite.command["config"]
        read = f" It was made with --config {kept}, which is read for those that join." if kept else ""
        raise ConfigError(
            f"{suite.dir}: these are not the settings that its tasks have:\n{listed(lines)}\nTasks that join get those it was made with, "
            f"without --set and --config.{read} Or give another --dir."
        )


def grown(suite: Suite, configs: Mapping[str, Config]) -> Suite:
    """The suite with these tasks too, on disk as well."""
    left_out = {name: why for name, why in suite.left_out.items() if name not in configs}
    larger = replace(suite, configs={**suite.configs, **configs}, left_out=left_out)
    if larger != suite:
        _write(suite.dir, larger)
    return larger


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A block in which no other process works on this suite. Raises ConfigError where one does."""
    fd = os.open(folder / "suite.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{folder}: another process works on this suite. Wait for it, or stop it with Ctrl-C.") from None
        yield
    finally:
        os.close(fd)


def _write(folder: Path, suite: Suite) -> None:
    (folder / _CONFIGS).mkdir(exist_ok=True)
    for name, config in suite.configs.items():
        if not (path := folder / _CONFIGS / f"{name}.yaml").exists():
            write_atomically(path, to_yaml(config))
    rows = [row(name, config, folder) for name, config in suite.configs.items()]
    write_atomically(folder / "suite.json", as_json(contents(suite, rows)))
