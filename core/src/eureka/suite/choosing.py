"""Which tasks a suite runs, each with its whole config: loaded and checked before the first run begins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eureka.budget import refuse_unpayable
from eureka.config import Config, load_config
from eureka.errors import ConfigError
from eureka.layers import parse_set
from eureka.model_check import asks_model, quotes
from eureka.pasted_keys import shown_set
from eureka.registry import build_manager, resolve
from eureka.session import make_components
from eureka.step_budget import refuse_untrainable
from eureka.suggest import did_you_mean
from eureka.tasks import list_tasks
from eureka.yaml_source import read_yaml


def named_tasks(given: Sequence[str]) -> tuple[str, ...]:
    """The shipped tasks of `--tasks a,b --tasks c`, each once, in the order given; where none is, all of simulators that work
    with any trainer.

    Raises ConfigError for a name that is not shipped, with the one that is near.
    """
    known = list_tasks()
    names = tuple(dict.fromkeys(name.strip() for text in given for name in text.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise ConfigError(f'--tasks: "{name}" is no shipped task{did_you_mean(name, known)} List them with: eureka tasks')
    if not names and (given or not known):
        raise ConfigError("--tasks: no task is named. List them with: eureka tasks")
    return names or tuple(name for name, path in known.items() if not _trains_itself(read_yaml(path).data.get("sim")))


def _trains_itself(sim: Any) -> bool:
    """Whether a task's simulator trains in a worker of its own, for which much must be set up that no default can say."""
    use = sim.get("use") if isinstance(sim, dict) else sim
    return getattr(resolve("sim", str(use)), "trainers", None) is not None


def load_configs(names: Sequence[str], file: Path | None, sets: Sequence[str]) -> dict[str, Config]:
    """The config of each task: the shipped one of its name, or `file` for every task; `sets` on top.

    Raises ConfigError for any mistake in one of them, before a run has begun.
    """
    if file is not None and "task" in read_yaml(file).data:
        raise ConfigError(f"{file}: names a task, but each run of a suite has its own. Take `task` out of it, or use: eureka run {file}")
    for text in sets:
        if parse_set(text)[0] == "task":
            raise ConfigError(f"--set {shown_set(text)}: each run of a suite has its own task; name them with --tasks a,b.")
    return {name: _load(name, file, sets) for name in names}


def check(name: str, config: Config) -> None:
    """Raise ConfigError where a run of this config could not begin, as for a missing key, or would compare nothing."""
    if not config.final.seeds:
        raise ConfigError("final.seeds: 0 leaves out the final evaluation, which is what a suite compares. Give 2 or more.")
    try:
        parts = make_components(config)
        hooks = build_manager(parts)
        refuse_untrainable(config)
        if asks_model(config, parts["generator"]):
            refuse_unpayable(config, quotes(config, hooks))
            hooks.hook.eureka_check_llm()
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None


def _load(name: str, file: Path | None, sets: Sequence[str]) -> Config:
    if file is None:
        return load_config(name, sets)
    # The task's own file, and first, so that --set may still change a setting of the task.
    return load_config(str(file.absolute()), [f"task={json.dumps(str(list_tasks()[name]))}", *sets])
