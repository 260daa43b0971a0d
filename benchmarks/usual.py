"""The same trainings done the usual way: a process per candidate, as many at a time as there are cores."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from canned import programs
from runs import CHECKPOINTS, EPISODES, STEPS, start
from trials import task_named

_SCRIPT = str(Path(__file__).with_name("usual_candidate.py"))


def commands(task: str, numbers: Sequence[int], settings: dict[str, Any], folder: Path) -> list[list[str]]:
    """What trains each of these programs of the task, its policy kept in `folder`."""
    described = task_named(task)
    sources = {name: variable.source for name, variable in described.variables.items()}
    job = {
        "env": described.sim.options["env"],
        "variables": {name: int(source[4:-1]) for name, source in sources.items() if source.startswith("obs[")},
        "settings": settings,
        "steps": STEPS,
        "checkpoints": CHECKPOINTS,
        "episodes": EPISODES,
    }
    written = programs(task)
    jobs = [{**job, "program": written[k], "seed": k, "folder": str(folder / str(k))} for k in numbers]
    return [[sys.executable, _SCRIPT, json.dumps(each)] for each in jobs]


def train(trainings: Sequence[Sequence[str]], cores: int) -> None:
    """Do them, `cores` at a time. Raises CalledProcessError where one fails."""

    def one(command: Sequence[str]) -> None:
        if code := start(command, cores).wait():
            raise subprocess.CalledProcessError(code, command[:2])

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(one, trainings))
