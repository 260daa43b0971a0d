"""What a search starts from (`search.start`): another run's best policy and reward, copied, so that this run is whole without it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from eureka.checkpoint import CheckpointInfo
from eureka.choice import best
from eureka.config_models import Config
from eureka.errors import ConfigError
from eureka.inner import innermost
from eureka.own_trainers import own_trainers, trainer_class
from eureka.policy_dirs import policy_dir
from eureka.registry import resolve
from eureka.validation import show
from eureka.yaml_source import shown

FOLDER = "start"
"""In the run's directory; a policy measured from it is told by this name."""
POLICY, REWARD = f"{FOLDER}/checkpoint", f"{FOLDER}/reward.py"


class Start(NamedTuple):
    """The best of another run: its reward, and the checkpoint directory of its best policy."""

    code: str
    checkpoint: Path


def find_start(config: Config) -> Start | None:
    """The best of the run that `search.start` names; None where it names none. Raises ConfigError where nothing can begin with it."""
    from eureka.opened_run import read_run  # which imports what resolves a config

    if config.search.start is None:
        return None
    refuse_policies(config)
    folder = Path(config.search.start)
    _, state = read_run(folder)
    program = best(state)
    policy = policy_dir(state, program.candidate.id) if program is not None else None
    if program is None or policy is None:
        raise ConfigError(f"{shown(folder)}: no reward of this run has trained yet, so there is no policy. Train: eureka resume {folder}")
    checkpoint = folder / policy / "checkpoint"
    try:
        info = CheckpointInfo.model_validate_json((checkpoint / "checkpoint.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{shown(checkpoint)}: no checkpoint ({str(error).splitlines()[0]}). Give another run.") from None
    refuse_trainers(info.trainer, innermost("trainer", config.trainer).use, shown(folder))
    return Start(program.candidate.code, checkpoint)


def refuse_policies(config: Config) -> None:
    """Raise ConfigError where no training can begin with a policy.

    A trainer of a simulator's own worker may say in `policy_option` which of its options takes a policy's file instead.
    """
    sim, trainer = show(config.task.sim.use), show(config.trainer.use)
    cls = trainer_class(config)
    if own_trainers(config) is not None:
        option = getattr(cls, "policy_option", "")
        way = f"which begins with a policy by its own option: give the file of one as trainer.{option}" if option else "from scratch alone"
        raise ConfigError(f"sim {sim} trains in a worker of its own, by {trainer}, {way}, and leave this out")
    if not getattr(resolve("trainer", innermost("trainer", config.trainer).use), "takes_policies", False):
        raise ConfigError(f"trainer {trainer} trains from scratch alone: it does not take a policy to begin with. Take another trainer")


def refuse_trainers(theirs: str, ours: str, run: str) -> None:
    """Raise ConfigError where the policy of another run was not trained by the trainer of this one."""
    if theirs != ours:
        raise ConfigError(
            f"the policy of {run} is one of trainer {show(theirs)}, and here the trainer is {show(ours)}, which cannot go on with it. "
            f"Give trainer: {theirs}, or another run"
        )


def copy_start(config: Config, folder: Path) -> None:
    """Copy what the search starts from into the run's directory. Raises as `find_start` does, and OSError."""
    start = find_start(config)
    if start is not None:
        shutil.copytree(start.checkpoint, folder / POLICY)
        (folder / REWARD).write_text(start.code, encoding="utf-8")


def start_in_words(config: Config) -> str:
    """With which policies trainings begin; empty where all begin from scratch."""
    search = config.search
    first = f"the best policy of {shown(Path(search.start))}" if search.start is not None else ""
    later = {"none": "", "best": "the best policy so far", "parent": "the policy of their parent"}[search.warm_start]
    if not later or search.iterations == 1:
        return first
    return f"{first or 'scratch'}; from the second iteration on, {later}"
