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
    theirs, state = read_run(folder)
    program = best(state)
    policy = policy_dir(state, program.candidate.id) if program is not None else None
    if program is None or policy is None:
        raise ConfigError(f"{shown(folder)}: no reward of this run has trained yet, so there is no policy. Train: eureka resume {folder}")
    checkpoint = folder / policy / "checkpoint"
    refuse_other_trainers(theirs, config, shown(folder))
    if own_trainers(config) is None:  # else what a policy is of is known to the simulator's own worker alone
        try:
            CheckpointInfo.model_validate_json((checkpoint / "checkpoint.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigError(f"{shown(checkpoint)}: no checkpoint ({str(error).splitlines()[0]}). Give another run.") from None
    return Start(program.candidate.code, checkpoint)


def refuse_policies(config: Config) -> None:
    """Raise ConfigError where no training can begin with a policy."""
    own = own_trainers(config) is not None
    cls = trainer_class(config) if own else resolve("trainer", innermost("trainer", config.trainer).use)
    if not getattr(cls, "takes_policies", False):
        trainer = show(config.trainer.use)
        raise ConfigError(f"trainer {trainer} trains from scratch alone: it does not take a policy to begin with. Take another trainer")


def refuse_other_trainers(before: Config, config: Config, run: str) -> None:
    """Raise ConfigError where the policies of a run were not trained by the trainer of this one."""
    theirs, ours = (innermost("trainer", one.trainer).use for one in (before, config))
    if theirs != ours:
        raise ConfigError(
            f"the policy of {run} is one of trainer {show(theirs)}, and here the trainer is {show(ours)}, which cannot go on with it. "
            f"Give trainer: {theirs}, or another run"
        )
    sims = [one.task.sim.use for one in (before, config)]
    if sims[0] != sims[1] and any(own_trainers(one) is not None for one in (before, config)):
        raise ConfigError(
            f"the policy of {run} was trained by sim {show(sims[0])}, and sim {show(sims[1])} has another {show(ours)}. Give another run"
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
