"""Operation `describe`: what a model may know of a task; from its source alone where IsaacGym is not there."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from . import context, inject
from .checkout import TaskFiles, find_task
from .child import Child
from .faults import Usage
from .probe import lines, look
from .protocol import Events
from .source import Source

ISOLATION = "torchscript"
"""Recorded as what holds a reward: it is compiled from a language without files and processes, in the process that simulates."""
DEFAULT_TRAINER: Dict[str, Any] = {
    "num_envs": None,
    "num_envs_divided": 1,
    "device": "cpu",
    "load_checkpoint": None,
    "keep_learning_rate": False,
    "params": {},
}
_FEW = 4


def describe(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """An `EnvContext`. With a trainer a run is about to begin: whatever is missing then is an error, before anything is spent."""
    options, task = job["task"]["sim"]["options"], job["task"]
    _refuse_ignored(task)
    files = find_task(options["envs_path"], options["task"])
    trainer = job["trainer"]["options"] if job.get("trainer") else None
    report = look(job)
    with open(files.module, encoding="utf-8") as file:
        source = Source(file.read(), files.name)
    metrics = inject.metrics(source)
    if not metrics:
        hint = (
            "the release of Eureka adds one to the tasks that IsaacGymEnvs has without; or give fitness.value: gt_reward, the human reward"
        )
        if task["fitness"]["value"] != "gt_reward":
            raise Usage("fitness.value: {} of this checkout logs no metric; {}.".format(files.name, hint))
    types = context.attributes(source, _yaml(files))
    told: List[str] = []
    measured: Dict[str, Any] = {}
    if not report["missing"]:
        measured = _measured(job, directory, types, trainer)
    elif trainer is not None:
        raise Usage("sim.python: cannot train in IsaacGym:\n" + "\n".join(lines(report)))
    else:
        told = ["nothing was measured, types are read from the source alone: " + "; ".join(report["missing"])]
    if trainer is not None:
        told += _too_short(job, measured)
        told.append("rewards run inside of the simulator's process, held by the static check and TorchScript alone (isolation)")
    return {
        "context": {
            "task": task["name"],
            "description": task["description"],
            "text": context.context_text(source),
            "variables": [_variable(name, kind, measured.get("variables")) for name, kind in types.items() if _known(name, measured)],
            "has_prev": [],
            "array_library": "torch",
            "max_episode_steps": measured.get("max_episode_steps"),
            "fold": task["fitness"]["fold"],
            "goal": task["fitness"]["goal"],
            "warnings": told,
        }
    }


def _refuse_ignored(task: Dict[str, Any]) -> None:
    """What a task may hold for other simulators, and this one would not heed."""
    if task.get("human", "native") != "native":
        raise Usage(
            "human: {} is not heard by sim isaacgym, where the reward to beat is the one in the checkout's task; leave task.human "
            "out.".format(task["human"])
        )
    if task.get("variables"):
        raise Usage(
            "variables: {} would be ignored: sim isaacgym offers a reward what the checkout's task has; leave task.variables out.".format(
                ", ".join(sorted(task["variables"]))
            )
        )


def _measured(job: Dict[str, Any], directory: str, types: Dict[str, str], trainer: Any) -> Dict[str, Any]:
    options = job["task"]["sim"]["options"]
    start = {"num_envs": _FEW, "seed": job["seed"], "seam": False, "trainer": trainer or DEFAULT_TRAINER}
    child = Child(directory, start, options["start_s"])
    try:
        found = child.ask({"do": "measure", "names": list(types)}, options["start_s"])
        if trainer is not None:
            policy = os.path.join(job["run_dir"], job["policy"], "policy.pth") if job.get("policy") else ""
            child.ask({"do": "fit", "folder": os.path.join(directory, "fit"), "policy": policy}, options["start_s"])
    finally:
        child.end()
    if trainer is not None:
        found["rows"] = _rows(options, trainer, job["seed"])
    return found


def _rows(options: Dict[str, Any], trainer: Dict[str, Any], seed: int) -> int:
    """The environments of a training, without making them. Raises Usage where the minibatches do not divide what they give."""
    from .learning import check_batch
    from .settings import compose

    settings = compose(find_task(options["envs_path"], options["task"]), options, trainer, seed)
    check_batch(settings)
    return int(settings["task"]["env"]["numEnvs"])


def _too_short(job: Dict[str, Any], measured: Dict[str, Any]) -> List[str]:
    """A warning where a policy that fails nowhere would see no episode end."""
    longest, rows = measured.get("max_episode_steps") or 0, measured["rows"]
    if job["task"]["fitness"]["fold"] != "last" or job["steps"] // rows >= longest:
        return []
    each = "training.steps is {:,}, {:,} for each of {:,} environments".format(job["steps"], job["steps"] // rows, rows)
    return ["{}, and an episode lasts up to {:,}: a good policy might end none, and then has no fitness".format(each, longest)]


def _known(name: str, measured: Dict[str, Any]) -> bool:
    return not measured or name in measured["variables"]


def _variable(name: str, kind: str, measured: Any) -> Dict[str, Any]:
    if not measured:
        return {"name": name, "type": kind, "shape": [], "common": kind in ("float", "int", "bool")}
    return dict(measured[name], name=name)


def _yaml(files: TaskFiles) -> Dict[str, Any]:
    """The task's settings, for the types of what it takes from them; nothing where no YAML library is there."""
    try:
        import yaml
    except ImportError:
        return {}
    with open(os.path.join(files.task_yaml), encoding="utf-8") as file:
        return dict(yaml.safe_load(file) or {})
