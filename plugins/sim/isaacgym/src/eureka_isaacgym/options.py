"""The YAML options of `sim: isaacgym`, and of the trainer it accepts; the worker reads them from `job.json`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from eureka.component import ConfigPath
from eureka.component import Options as BaseOptions
from eureka.torch_device import NamedDevice
from eureka_isaacgym.refused import refuse_overrides, refuse_params

PYTHON, ENVS = "EUREKA_ISAACGYM_PYTHON", "EUREKA_ISAACGYM_ENVS"


def _from_environment(name: str) -> Path | None:
    """The absolute path in an environment variable."""
    return Path(os.path.abspath(os.environ[name])) if os.environ.get(name) else None  # noqa: PTH100


def _interpreter(path: Path, info: ValidationInfo) -> Path:
    # Not resolved: what a virtual environment's `python` links to knows nothing of that environment.
    base = (info.context or {}).get("base_dir") or Path()
    path = Path(os.path.abspath(Path(base, path.expanduser())))  # noqa: PTH100
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ValueError(f"{path} is no program that can be run; give the interpreter that has IsaacGym, such as ~/venvs/py38/bin/python")
    return path


Interpreter = Annotated[Path, AfterValidator(_interpreter)]


class SimOptions(BaseOptions):
    """Which task, of which checkout, in which interpreter."""

    task: str = Field(description="The task's class in the checkout, such as Ant or ShadowHandBlockStack.")
    python: Interpreter | None = Field(
        default_factory=lambda: _from_environment(PYTHON),
        validate_default=True,
        description=f"The interpreter that has IsaacGym and rl_games; default: the environment variable {PYTHON}.",
    )
    envs_path: ConfigPath | None = Field(
        default_factory=lambda: _from_environment(ENVS),
        description=f"The root of a checkout of Eureka's release or of IsaacGymEnvs; default: the environment variable {ENVS}.",
    )
    pythonpath: tuple[ConfigPath, ...] = Field(
        (), description="More folders that interpreter imports from, such as IsaacGym's `python` where it is not installed."
    )
    overrides: dict[str, Any] = Field(
        {}, description="Settings of the checkout's YAML by their dotted name, such as task.env.episodeLength: 500, over what it says."
    )
    start_s: float = Field(240.0, gt=0, description="Seconds the simulator may take to start; less than executor.stall_s.")

    @field_validator("overrides")
    @classmethod
    def _heeded(cls, value: dict[str, Any]) -> dict[str, Any]:
        refuse_overrides(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> SimOptions:
        for name, value, variable in (("python", self.python, PYTHON), ("envs_path", self.envs_path, ENVS)):
            if value is None:
                raise ValueError(f"{name} is not set; write it here, or set {variable}; see the README of eureka-plugin-isaacgym")
        return self


class RLGamesOptions(BaseOptions):
    """What the checkout does not say, or says otherwise."""

    num_envs: int | None = Field(None, ge=2, description="Environments stepped together; default: the checkout's task.env.numEnvs.")
    num_envs_divided: int = Field(
        1, ge=1, description="Divides the environments, be they num_envs or the checkout's; minibatches get smaller where they have to."
    )
    device: NamedDevice = Field("cuda:0", description="cpu, cuda or cuda:NUMBER, for simulator, reward and policy.")
    load_checkpoint: ConfigPath | None = Field(
        None, description="A .pth of rl_games to fine-tune: every training begins with its weights, normalisers and optimiser, at epoch 0."
    )
    keep_learning_rate: bool = Field(
        False, description="With load_checkpoint: begin with the learning rate it ended with, not with the configured one."
    )
    params: dict[str, Any] = Field({}, description="rl_games' YAML below `params`, laid over the checkout's cfg/train/<task>PPO.yaml.")

    def fewer_envs(self, divisor: int) -> dict[str, Any] | None:
        """See `eureka.hookspecs.eureka_train`. How many the checkout has is known to the worker alone, which keeps two at least."""
        divided = self.num_envs_divided * divisor
        return None if self.num_envs is not None and self.num_envs // divided < 2 else {"num_envs_divided": divided}

    @field_validator("params")
    @classmethod
    def _heeded(cls, value: dict[str, Any]) -> dict[str, Any]:
        refuse_params(value)
        return value
