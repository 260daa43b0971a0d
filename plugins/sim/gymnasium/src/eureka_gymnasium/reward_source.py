"""From a run's directory or a reward's file to a checked program and what its variables are."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eureka.config import load_config, load_mapping
from eureka.errors import ConfigError
from eureka.extraction import FUNCTION, inspect_arguments
from eureka.opened_run import OpenedRun, open_run, run_of
from eureka.reward_file import header_task, without_fitness
from eureka.static_check import check
from eureka.static_check.allowed_numpy import BUILTINS
from eureka.task_files import with_copies
from eureka.types import Task
from eureka.user_code import python_error
from eureka.worker.variables import all_names
from eureka.yaml_source import no_such_file, read_yaml


@dataclass(frozen=True, slots=True)
class FoundReward:
    """file: where the program stands, for messages. function: `compute_reward`. arguments: the variables it takes.

    task: says what they are; its fitness is of no use.
    """

    file: Path
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    task: Task


def find_reward(source: str | Path, task: str | Path | None = None) -> FoundReward:
    """Load the reward that `source` names: a run's directory (its best reward) or a Python file.

    task: a shipped task's name, or the path of a task or config file. Without it the variables are those of the run that the file lies
    in, or else of the file's own header. Raises ConfigError, also for a program that fails the static check.
    """
    path = Path(source).expanduser().absolute()
    if path.is_dir():
        run = open_run(path)
        if run.best is None:
            raise ConfigError(f"{path}: no reward of this run has trained yet; wait for one, or name a file.")
        path = path / "candidates" / run.best.id / "reward.py"
        return _load(path, run.best.code, _task(task) if task is not None else _own_task(run))
    if not path.is_file():
        raise ConfigError(no_such_file(path))
    text = path.read_text(encoding="utf-8", errors="replace")
    if task is not None:
        return _load(path, text, _task(task))
    run_dir = run_of(path)
    found = _own_task(open_run(run_dir)) if run_dir is not None else header_task(text, path.parent)
    if found is None:
        raise ConfigError(
            f"{path}: it does not say what its variables are: it lies in no run's directory and has no `# eureka:` line, as best_reward.py "
            "has. Give task=NAME of a shipped task, or the path of a task.yaml."
        )
    return _load(path, text, found)


def _own_task(run: OpenedRun) -> Task:
    """A run's task, its variables computed by what the run holds: it may have been moved, without the files its task named."""
    return with_copies(run.task, run.dir)


def _task(task: str | Path) -> Task:
    text = str(task)
    if Path(text).is_file() and "sim" in read_yaml(Path(text)).data:  # the task itself, not a config that has one
        found = load_mapping({"task": text}, text, Path.cwd(), only={"sim"}).task
    else:
        found = load_config(text, only={"sim"}).task
    if not found.variables:
        raise ConfigError(f"task {text}: it declares no variables. Give the directory of a run, which holds those that were derived.")
    return found


def _load(file: Path, code: str, task: Task) -> FoundReward:
    problem = check(code, all_names(task))
    if problem is not None:
        place = file if problem.line is None else f"{file}:{problem.line}"
        raise ConfigError(f"{place}: refused, since it would run in this process: {problem.message}")
    # What the check let through needs no more than this, and what it may have missed finds no more.
    names = {**{name: getattr(builtins, name) for name in BUILTINS}, "print": _print_nothing, "__import__": __import__}
    namespace: dict[str, Any] = {"__name__": "reward", "__builtins__": names}
    try:
        exec(compile(code, str(file), "exec", dont_inherit=True), namespace)
    except Exception as error:
        raise ConfigError(f"{python_error(error, file)}.") from None
    return FoundReward(file, namespace[FUNCTION], inspect_arguments(code, FUNCTION), without_fitness(task))


def _print_nothing(*values: object, **keywords: object) -> None:
    """A reward that prints would print at every step."""
