"""The checkout's YAML for one task, as its own train.py would put it together; needs omegaconf, as that does."""

from __future__ import annotations

import math
import os
from typing import Any, Dict

from .checkout import TaskFiles
from .faults import Usage


def compose(files: TaskFiles, options: Dict[str, Any], trainer: Dict[str, Any], seed: int) -> Dict[str, Any]:
    """The whole tree with `task` and `train`, every reference in it resolved. options: the simulator's. trainer: rl_games' options.

    Raises Usage for an override of something that is not there.
    """
    settings = _composed(files, options, trainer, seed)
    divisor = trainer.get("num_envs_divided", 1)
    if divisor > 1:
        fewer = max(2, settings["task"]["env"]["numEnvs"] // divisor)
        settings = _composed(files, options, dict(trainer, num_envs=fewer), seed)
        config = settings["train"]["params"]["config"]
        for part in (config, config.get("central_value_config") or {}):
            if part.get("minibatch_size"):
                part["minibatch_size"] = math.gcd(fewer * config["horizon_length"], part["minibatch_size"])
    return settings


def _composed(files: TaskFiles, options: Dict[str, Any], trainer: Dict[str, Any], seed: int) -> Dict[str, Any]:
    from omegaconf import OmegaConf

    resolvers: Dict[str, Any] = {
        "eq": lambda x, y: str(x).lower() == str(y).lower(),
        "contains": lambda x, y: str(x).lower() in str(y).lower(),
        "if": lambda condition, a, b: a if condition else b,
        "resolve_default": lambda default, given: default if given == "" else given,
    }
    for name, resolver in resolvers.items():
        OmegaConf.register_new_resolver(name, resolver, replace=True)
    tree: Any = OmegaConf.load(os.path.join(files.package, "cfg", "config.yaml"))
    tree.pop("defaults", None)
    tree.pop("hydra", None)
    for key, path in (("task", files.task_yaml), ("train", files.train_yaml)):
        part: Any = OmegaConf.load(path)
        part.pop("defaults", None)
        tree[key] = part
    device = trainer["device"]
    known: Dict[str, Any] = {
        "num_envs": trainer["num_envs"] or "",
        "seed": seed,
        "sim_device": device,
        "rl_device": device,
        "headless": True,
    }
    known.update(
        {"pipeline": "gpu" if device.startswith("cuda") else "cpu", "test": False, "checkpoint": "", "multi_gpu": False, "headless": True}
    )
    tree = OmegaConf.merge(tree, known)
    for key, value in options["overrides"].items():
        _override(tree, key, value)
    tree.train.params = OmegaConf.merge(tree.train.params, OmegaConf.create(trainer["params"]))
    return OmegaConf.to_container(tree, resolve=True)  # type: ignore[return-value]


def _override(tree: Any, key: str, value: Any) -> None:
    from omegaconf import OmegaConf

    parent, _, last = key.rpartition(".")
    above = OmegaConf.select(tree, parent) if parent else tree
    if above is None or not hasattr(above, "keys") or last not in above:
        there = ", ".join(sorted(map(str, above.keys()))) if hasattr(above, "keys") else "nothing"
        raise Usage("sim.overrides: {} is no setting of the checkout; {} has: {}.".format(key, parent or "its root", there))
    OmegaConf.update(tree, key, value, merge=False)
