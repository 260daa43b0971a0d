"""`best_reward.py`: a reward's program under a few comment lines that say what each variable it takes is.

The last of these lines is JSON, as a task's YAML would have it: name, sim and variables. With it the file is of use anywhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eureka.builtin.outside_text import fenced
from eureka.extraction import FUNCTION, inspect_arguments
from eureka.extraction.parse import Work
from eureka.types import Fitness, Task
from eureka.worker.functions import is_function

_MARK = "# eureka: "


def with_header(code: str, task: Task, title: str) -> str:
    """The file's text. title: what the first line says of the reward, in one line."""
    lines = [f"# {' '.join(title.split())}"]
    if task.sim.use == "gymnasium":
        lines.append('# To train with it: eureka_gymnasium.RewardWrapper(env, "best_reward.py"), which reads the next line.')
    described = _described(code, task)
    sources = (variable["from"] for variable in described["variables"].values())
    if files := sorted({source.rpartition(":")[0] for source in sources if is_function(source)}):
        lines.append(f"# Its variables need these files, from where it lies: {', '.join(files)}")
    return "\n".join((*lines, f"{_MARK}{json.dumps(described)}", "", code.strip("\n"), ""))


def header_task(text: str, folder: Path) -> Task | None:
    """The task a file's header describes, its fitness unknown; None where there is no such line, or a broken one.

    folder: where the file lies, which paths in the header are relative to.
    """
    line = next((line for line in text.splitlines() if line.startswith(_MARK)), None)
    if line is None:
        return None
    try:
        task = Task.model_validate({"description": "", "fitness": {"value": "length"}, **json.loads(line[len(_MARK) :])})
    except (ValueError, TypeError, ValidationError, RecursionError):
        return None
    placed = {
        name: variable.model_copy(update={"source": str(folder / variable.source)}) if is_function(variable.source) else variable
        for name, variable in task.variables.items()
    }
    return without_fitness(task.model_copy(update={"variables": placed}))


def without_header(text: str) -> str:
    """The program alone, for showing."""
    head, mark, rest = text.partition(_MARK)
    if not mark or any(line and not line.startswith("#") for line in head.splitlines()):
        return text
    return rest.partition("\n")[2].lstrip("\n")


def as_answer(name: str, text: str) -> str:
    """What a reward's file holds, as an answer: a Python file in the code block that it needs none of, anything else as it is."""
    is_program = name.endswith(".py") and ("```" not in text or Work().parse(text).tree is not None)
    return fenced(text, "python") if is_program else text


def without_fitness(task: Task) -> Task:
    """The task for who computes rewards alone: no file that only the fitness or the human reward needs is asked for."""
    return task.model_copy(update={"fitness": Fitness(value="length"), "human": "native"})


def _described(code: str, task: Task) -> dict[str, Any]:
    taken = inspect_arguments(code, FUNCTION)
    names = [name for name in task.variables if name in taken or f"prev_{name}" in taken]
    if any(is_function(task.variables[name].source) for name in names):
        names = list(task.variables)  # which of the others the function takes is known to who loads it
    options = {key: value for key, value in task.sim.options.items() if value not in (None, [], {}, (), "")}
    return {
        "name": task.name,
        "sim": {"use": task.sim.use, **options},
        "variables": {name: {"from": task.variables[name].source} for name in names},
    }
