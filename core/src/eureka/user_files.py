"""The user's own files that determine a training's numbers, and whether they are still what they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from eureka.config import Config
from eureka.errors import ConfigError
from eureka.initial_reward import initial_file
from eureka.lessons import lessons_of
from eureka.option_files import class_file, option_files, texts
from eureka.own_trainers import trainer_class
from eureka.registry import resolve
from eureka.types import Task


def hashes(config: Config) -> dict[str, str]:
    """Path → sha256: the task's functions and human reward, the reward the search begins from, and the files of simulator and trainer.

    The latter are `FILE.py:Class` anywhere in their options, options that are paths, and files among the arguments of the environment.
    A file that is not there has no entry.
    """
    initial = initial_file(config)
    return {**trusted_hashes(config, "human"), **_hashes([] if initial is None else [initial])}


def trusted_hashes(config: Config, reward: Literal["human", "fitness"]) -> dict[str, str]:
    """Those that the training of a trusted reward depends on: not on what a search begins from, nor the fitness on the human reward."""
    trainer = option_files(trainer_class(config).Options, config.trainer.options)
    files = [file for _, file in trainer] + [file for file in [class_file(config.trainer.use)] if file is not None]
    tasks = [config.task, *(lesson.task for lesson in lessons_of(config))]
    tasks = [task if reward == "human" else task.model_copy(update={"human": "native"}) for task in tasks]
    return {path: digest for hashed in (*map(task_hashes, tasks), _hashes(files)) for path, digest in hashed.items()}


def task_hashes(task: Task) -> dict[str, str]:
    """Those of the task and its simulator alone."""
    sources = [v.source for v in task.variables.values()] + [task.fitness.value, task.sim.use]
    files = {file for source in sources if (file := class_file(source)) is not None}
    if task.human != "native":
        files.add(Path(task.human))
    # What a model reads instead of an environment's source changes no number.
    sim_options = {key: value for key, value in task.sim.options.items() if key != "context"}
    files |= {file for _, file in option_files(resolve("sim", task.sim.use).Options, sim_options)}
    # The XML of a robot, say. What an argument is relative to only the simulator knows, and it has made absolute what it takes for a file.
    files |= {path for _, text in texts(sim_options) if (path := Path(text)).is_absolute()}
    return _hashes(files)


def _hashes(files: Iterable[Path]) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files) if path.is_file()}


def check_unchanged(then: Mapping[str, str], config: Config) -> None:
    """Raise ConfigError where a file is not what it was when the run began: its results would not compare with the new ones."""
    now = hashes(config)
    for path, digest in then.items():
        if now.get(path) != digest:
            raise ConfigError(
                f"{path}: {'changed' if path in now else 'gone'} since the run began, so results before and after would not compare. "
                "Put it back as it was, or begin a new run."
            )
