"""Training with fewer environments, where with all of them there was no memory for it: another training, and told as one."""

from __future__ import annotations

from eureka.config import Config
from eureka.own_trainers import trainer_class
from eureka.types import ComponentSpec, TrainResult

DIVISORS = (2, 4)
"""What the environments are divided by, one try after the other."""


def trainer_with(config: Config, divided: int) -> ComponentSpec | None:
    """The config's trainer with that many times fewer environments; None where it cannot: see `eureka.hookspecs.eureka_train`."""
    if divided == 1:
        return config.trainer
    kind, given = trainer_class(config).Options, config.trainer.options
    changes = getattr(kind.model_validate(given), "fewer_envs", lambda divisor: None)(divided)
    if changes is None:
        return None
    options = kind.model_validate({**given, **changes})
    return config.trainer.model_copy(update={"options": options.model_dump(mode="json", by_alias=True)})


def in_words(result: TrainResult) -> str:
    """What to know of one that went well; empty of one with all environments."""
    divided = result.num_envs_divided if result.status == "ok" else 1
    return f"trained with 1/{divided} of the environments: out of memory with all" if divided > 1 else ""
