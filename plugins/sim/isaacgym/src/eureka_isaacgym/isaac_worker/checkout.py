"""Where things are in a user's checkout of IsaacGymEnvs or of Eureka's release: nothing is imported, nothing is written."""

from __future__ import annotations

import ast
import difflib
import os
from typing import Dict, List, NamedTuple

from .faults import Usage

_PACKAGE_PLACES = ("", "isaacgymenvs", os.path.join("isaacgymenvs", "isaacgymenvs"))
_BASES = ("VecTask", "BaseTask")


class TaskFiles(NamedTuple):
    """A task in the checkout. package: the folder `isaacgymenvs`. module: file. task_yaml, train_yaml: its settings."""

    package: str
    module: str
    name: str
    task_yaml: str
    train_yaml: str


def package_of(envs_path: str) -> str:
    """The folder of the package `isaacgymenvs` in a checkout: IsaacGymEnvs' root, Eureka's root, or that folder itself."""
    for place in _PACKAGE_PLACES:
        folder = os.path.join(envs_path, place) if place else envs_path
        if os.path.isdir(os.path.join(folder, "tasks")) and os.path.isdir(os.path.join(folder, "cfg")):
            return os.path.abspath(folder)
    raise Usage(
        "sim.envs_path: {} holds no isaacgymenvs package (a folder with tasks/ and cfg/). Give the root of a checkout of IsaacGymEnvs, "
        "or of Eureka's release.".format(envs_path)
    )


def task_classes(package: str) -> Dict[str, str]:
    """Class → file of every class below tasks/ that is made on VecTask, also where an older one of that kind is called BaseTask."""
    found: Dict[str, str] = {}
    for folder, _, names in sorted(os.walk(os.path.join(package, "tasks"))):
        for name in sorted(names):
            # What Eureka's release writes for itself (`antgpt.py`) holds a class of the same name, with a reward of a model's.
            if not name.endswith(".py") or name.endswith("gpt.py"):
                continue
            path = os.path.join(folder, name)
            for node in _classes(path):
                bases = [base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases]
                if any(base in _BASES for base in bases):
                    found.setdefault(node.name, path)
    return found


def find_task(envs_path: str, task: str) -> TaskFiles:
    """The files of a task, by the name of its class. Raises Usage with names that are near."""
    package = package_of(envs_path)
    known = task_classes(package)
    if task not in known:
        near = difflib.get_close_matches(task, known, 1)
        hint = ' Did you mean "{}"?'.format(near[0]) if near else ""
        raise Usage('sim.task: "{}" is no task in {}.{} There are: {}.'.format(task, package, hint, ", ".join(sorted(known)) or "none"))
    settings = [os.path.join(package, "cfg", kind, name) for kind, name in (("task", task + ".yaml"), ("train", task + "PPO.yaml"))]
    for path in settings:
        if not os.path.isfile(path):
            raise Usage("sim.task: {} has no settings, {} is missing; take a checkout that holds them.".format(task, path))
    return TaskFiles(package, known[task], task, settings[0], settings[1])


def _classes(path: str) -> List[ast.ClassDef]:
    with open(path, encoding="utf-8", errors="replace") as file:
        try:
            tree = ast.parse(file.read())
        except SyntaxError:
            return []
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]
