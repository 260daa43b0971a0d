"""The user's own Python files that determine a training's numbers, and whether they are still what they were."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from eureka.config import Config
from eureka.errors import ConfigError


def hashes(config: Config) -> dict[str, str]:
    """Path → sha256: the task's functions and human reward, and a simulator or trainer given as `file.py:Class`."""
    task = config.task
    sources = [v.source for v in task.variables.values()] + [task.fitness.value, task.sim.use, config.trainer.use]
    paths = {source.rpartition(":")[0] for source in sources if source.rpartition(":")[0].endswith(".py")}
    if task.human != "native":
        paths.add(task.human)
    return {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in sorted(paths)}


def check_unchanged(then: Mapping[str, str], config: Config) -> None:
    """Raise ConfigError where a file is not what it was when the run began: its results would not compare with the new ones."""
    now = hashes(config)
    for path, digest in then.items():
        if now.get(path, digest) != digest:
            raise ConfigError(
                f"{path}: changed since the run began, so results before and after would not compare. "
                "Put it back as it was, or begin a new run."
            )
