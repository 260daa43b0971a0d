"""Files of functions that compute a task's variables (`FILE.py:function`), copied into a run: a reward that leaves it needs nothing else.

The run itself reads the originals, and refuses to go on where they changed (`user_files.py`).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from eureka.option_files import class_file
from eureka.types import Task

FOLDER = "task_files"


def copy_task_files(task: Task, run_dir: Path) -> None:
    """Put a copy of each file that a variable names into `run_dir/task_files`; no folder where none does. Raises OSError.

    A file that is not there or may not be read is left out: who loads it tells.
    """
    for file, name in _copies(task).items():
        if file.is_file() and os.access(file, os.R_OK):
            (run_dir / FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(file, run_dir / FOLDER / name)


def with_copies(task: Task, run_dir: Path, seen_from: Path | None = None) -> Task:
    """The task with its variables computed by the copies in the run; by the originals where it has none, as a run of an earlier version.

    seen_from: what the paths are relative to; None makes them absolute.
    """
    copies = {file: run_dir / FOLDER / name for file, name in _copies(task).items() if (run_dir / FOLDER / name).is_file()}
    variables = {}
    for key, variable in task.variables.items():
        copy = copies.get(class_file(variable.source) or Path())
        if copy is not None:
            place = copy if seen_from is None else copy.relative_to(seen_from)
            variable = variable.model_copy(update={"source": f"{place}:{variable.source.rpartition(':')[2]}"})
        variables[key] = variable
    return task.model_copy(update={"variables": variables})


def _copies(task: Task) -> dict[Path, str]:
    """File → what its copy is called: as it is, or with a number where another file has that name."""
    named: dict[Path, str] = {}
    for file in sorted({file for v in task.variables.values() if (file := class_file(v.source)) is not None}):
        names = (file.name, *(f"{file.stem}_{number}.py" for number in range(2, len(task.variables) + 2)))
        named[file] = next(name for name in names if name not in named.values())
    return named
