"""What a simulator's rewards run in, where that is no process of core's: a worker of its own, with trainers of its own, or core's that
trains. Which trainers are accepted, and where confinement is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from eureka.component import Component
from eureka.config_models import Config
from eureka.errors import ConfigError
from eureka.registry import make, resolve
from eureka.suggest import did_you_mean
from eureka.types import EnvContext, Record, TrainResult, Verdict
from eureka.validation import show

_CORES_OWN = {"seccomp", "landlock", "limits", "none", "trusted", ""}
"""Words for what held a reward process of core's; where confinement fails for the want of a layer, its own test tells."""


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


def plays_checkpoints(config: Config) -> bool:
    """Whether each checkpoint is measured on episodes of its own; a simulator's own worker may say `plays_checkpoints = False`."""
    return _plays_checkpoints(config.task.sim.use)


@cache
def _plays_checkpoints(sim: str) -> bool:
    return bool(getattr(resolve("sim", sim), "plays_checkpoints", True))


def refuse_unconfined(config: Config) -> None:
    """Raise ConfigError where rewards are to be confined, and the simulator's run in the worker that trains (see `eureka_make_env`)."""
    if config.isolation == "require" and getattr(make("sim", config.task.sim, "task.sim"), "reward_device", None) is not None:
        raise ConfigError(
            f"isolation: require cannot be kept by sim {show(config.task.sim.use)} with these options: its rewards run in the worker that "
            "trains, which can be kept from writing elsewhere and from the network, but not from all else. Run it only with programs you "
            "would run yourself, with: --set isolation=best-effort"
        )


def refuse_confinement(config: Config, records: Iterable[Record]) -> None:
    """Raise ConfigError where a run that goes on is to confine rewards, and by its journal its simulator's worker cannot."""
    if config.isolation != "require":
        return
    held = {r.isolation for r in records if isinstance(r, (EnvContext, Verdict, TrainResult))}
    if other := sorted(level for level in held if not _CORES_OWN.issuperset(level.split("+"))):
        raise ConfigError(
            f"isolation: require cannot be kept by sim {show(config.task.sim.use)}: rewards of this run were held by "
            f"{', '.join(other)}, in a worker of the simulator's own, and not confined. Go on with: --set isolation=best-effort"
        )
