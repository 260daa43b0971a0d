"""A checkpoint: what a policy saved, and `checkpoint.json` beside it saying what it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from eureka.errors import EurekaError
from eureka.spaces import Space, difference
from eureka.training import Policy
from eureka.types import Record

FORMAT = 1
_NAME = "checkpoint.json"


class CheckpointInfo(Record):
    """Format and version, the trainer that can load it, and the spaces it acts in."""

    format: int
    trainer: str
    observation_space: Space
    action_space: Space


class Spaces(Protocol):
    """Whatever has them: an environment."""

    @property
    def observation_space(self) -> Space: ...
    @property
    def action_space(self) -> Space: ...


def write_checkpoint(path: Path, policy: Policy, trainer: str, spaces: Spaces) -> None:
    """Replace the checkpoint at `path` (a directory) by this policy; complete or the old one."""
    temporary = path.with_name(path.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    policy.save(temporary)
    info = CheckpointInfo(format=FORMAT, trainer=trainer, observation_space=spaces.observation_space, action_space=spaces.action_space)
    (temporary / _NAME).write_text(info.model_dump_json(indent=1))
    shutil.rmtree(path, ignore_errors=True)
    temporary.replace(path)


def check_checkpoint(path: Path, trainer: str, spaces: Spaces) -> None:
    """Raise EurekaError unless the checkpoint at `path` was written by this trainer, for these spaces, in a format we know."""
    try:
        info = CheckpointInfo.model_validate_json((path / _NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise EurekaError(f"{path}: no checkpoint ({str(error).splitlines()[0]}).") from None
    for what, is_, wanted in (("format", info.format, FORMAT), ("trainer", info.trainer, trainer)):
        if is_ != wanted:
            raise EurekaError(f"{path}: the checkpoint's {what} is {is_}, but here it is {wanted}.")
    for what, own, here in (
        ("observation space", info.observation_space, spaces.observation_space),
        ("action space", info.action_space, spaces.action_space),
    ):
        if own != here:
            raise EurekaError(f"{path}: the checkpoint's {what} has {difference(own, here)}.")
