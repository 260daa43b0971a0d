"""The YAML options of `trainer: rl_games`: what Eureka itself must know; all else is rl_games' own YAML under `params`."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, field_validator, model_validator

from eureka import component
from eureka.torch_device import TorchDevice
from eureka_rl_games.params import resolve


class Options(component.Options):
    """Rows, device and start, and a tree of rl_games' own settings."""

    num_envs: int = Field(16, ge=1, description="Environment rows stepped together; rl_games calls it num_actors.")
    device: TorchDevice = Field("cpu", description="cpu, cuda, cuda:1, or auto, which takes a GPU where there is one.")
    load_checkpoint: component.ConfigPath | None = Field(
        None,
        description="A .pth of rl_games: every trial begins with its weights, normalisers and optimiser, at epoch 0.",
    )
    keep_learning_rate: bool = Field(
        False, description="With load_checkpoint: begin with the learning rate it ended with, not with params.config.learning_rate."
    )
    params: dict[str, Any] = Field(
        {},
        validate_default=True,
        description="rl_games' YAML, the part under `params:` (network, config); config.yaml of a run shows it with all defaults.",
    )

    @field_validator("params")
    @classmethod
    def _over_the_defaults(cls, value: dict[str, Any]) -> dict[str, Any]:
        return resolve(value)

    @property
    def rollout(self) -> int:
        """Environment steps between two updates: an epoch of rl_games."""
        return self.num_envs * int(self.params["config"]["horizon_length"])

    @property
    def minibatch(self) -> int:
        """Steps in a minibatch."""
        config = self.params["config"]
        return int(config.get("minibatch_size", self.num_envs * config.get("minibatch_size_per_env", 0)))

    def fewer_envs(self, divisor: int) -> dict[str, Any] | None:
        """See `eureka.hookspecs.eureka_train`. Minibatches become smaller where they would not divide an epoch any more."""
        num_envs, config = self.num_envs // divisor, dict(self.params["config"])
        if "minibatch_size" in config:
            batch = config["minibatch_size"] = math.gcd(num_envs * int(config["horizon_length"]), config["minibatch_size"])
        else:
            batch = num_envs * config["minibatch_size_per_env"]
        return {"num_envs": num_envs, "params": {**self.params, "config": config}} if num_envs and batch > 1 else None

    @model_validator(mode="after")
    def _fits_together(self) -> Options:
        if self.minibatch < 2 or self.rollout % self.minibatch:
            config = self.params["config"]
            key = "minibatch_size" if "minibatch_size" in config else "minibatch_size_per_env"
            raise ValueError(
                f"params.config.{key}: {config[key]} makes minibatches of {self.minibatch}; they must divide num_envs × horizon_length "
                f"= {self.num_envs} × {config['horizon_length']} = {self.rollout}; valid: {_divisors(self.rollout, key, self.num_envs)}."
            )
        if self.keep_learning_rate and self.load_checkpoint is None:
            raise ValueError("keep_learning_rate: true needs load_checkpoint; there is no learning rate to keep.")
        return self


def _divisors(rollout: int, key: str, num_envs: int) -> str:
    """The valid values of the key, the largest dozen of them."""
    unit = 1 if key == "minibatch_size" else num_envs
    valid = [size // unit for size in range(unit, rollout + 1, unit) if rollout % size == 0 and size >= 2]
    return ("…, " if len(valid) > 12 else "") + ", ".join(map(str, valid[-12:]))
