"""Simulators with a worker of their own, in which they train: which trainers each accepts, by its own options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eureka.component import Component
from eureka.config_models import Config
from eureka.errors import ConfigError
from eureka.registry import resolve
from eureka.suggest import did_you_mean
from eureka.validation import show


def own_trainers(config: Config, base_dir: Path | None = None) -> Mapping[str, type[Component]] | None:
    """Name → what holds its options, of the trainers the config's simulator accepts; None where any trainer is as good.

    base_dir: what a `FILE.py:Class` in `task.sim.use` is relative to.
    """
    return getattr(resolve("sim", config.task.sim.use, base_dir), "trainers", None)


def trainer_class(config: Config, base_dir: Path | None = None, sim_dir: Path | None = None, where: str = "") -> type[Component]:
    """The class whose `Options` the trainer's are. base_dir, sim_dir: what files in `use` of trainer and sim are relative to.

    Raises ConfigError where there is no such trainer, or the simulator does not accept it. where: what its message begins with.
    """
    name, accepted = config.trainer.use, own_trainers(config, sim_dir)
    if accepted is None:
        return resolve("trainer", name, base_dir, where)
    if name not in accepted:
        raise ConfigError(
            f"{where or 'trainer'}: sim {show(config.task.sim.use)} trains in a worker of its own and does not accept {show(name)}"
            f"{did_you_mean(name, accepted)} Valid: {', '.join(accepted)}."
        )
    return accepted[name]
