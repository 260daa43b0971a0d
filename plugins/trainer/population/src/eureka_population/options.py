"""Options of `trainer: population`: names and defaults of stable-baselines3's PPO."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from eureka import component

POLICY_FILE = "policy.safetensors"
"""The one file of this trainer in a checkpoint."""

Width = Annotated[int, Field(ge=1)]


class NetArch(component.Options):
    """Hidden layer widths of the two networks."""

    pi: tuple[Width, ...] = Field((64, 64), description="The actor's.")
    vf: tuple[Width, ...] = Field((64, 64), description="The critic's.")


class Options(component.Options):
    """Hyper-parameters of PPO (Schulman et al. 2017)."""

    num_envs: int = Field(8, ge=1, description="Environment rows of each trial, stepped together.")
    net_arch: tuple[Width, ...] | NetArch = Field(
        (64, 64), description="Hidden layer widths of actor and critic, or {pi: widths, vf: widths}; [] is a linear policy."
    )
    activation: Literal["tanh", "relu"] = Field("tanh", description="Between the layers.")
    normalize_observations: bool = Field(False, description="Scale observations by their running mean and variance.")
    normalize_rewards: bool = Field(False, description="Scale rewards by the running deviation of their discounted sum.")
    warm_start: component.ConfigPath | None = Field(
        None, description="A checkpoint, or its policy.safetensors: every trial begins with that policy, its critic and its normalisation."
    )

    learning_rate: float = Field(3e-4, gt=0, allow_inf_nan=False, description="Step size of Adam.")
    learning_rate_schedule: Literal["constant", "linear"] = Field(
        "constant", description="`linear` falls from learning_rate to 0 over the whole budget."
    )
    n_steps: int = Field(2048, ge=1, description="Steps per row between two updates.")
    batch_size: int = Field(64, ge=2, description="Minibatch size; must divide n_steps × num_envs.")
    n_epochs: int = Field(10, ge=1, description="Passes over the rollout per update.")
    gamma: float = Field(0.99, gt=0, le=1, description="Discount factor.")
    gae_lambda: float = Field(0.95, ge=0, le=1, description="λ of generalised advantage estimation.")
    clip_range: float = Field(0.2, gt=0, allow_inf_nan=False, description="The probability ratio is clipped to 1 ± this.")
    clip_range_schedule: Literal["constant", "linear"] = Field(
        "constant", description="`linear` falls from clip_range to 0 over the whole budget."
    )
    clip_range_vf: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="The value's change is clipped to ± this; null: it is not."
    )
    normalize_advantage: bool = Field(True, description="Scale each minibatch's advantages to mean 0 and deviation 1.")
    ent_coef: float = Field(0.0, ge=0, allow_inf_nan=False, description="Weight of the entropy bonus.")
    vf_coef: float = Field(0.5, ge=0, allow_inf_nan=False, description="Weight of the value loss.")
    max_grad_norm: float = Field(0.5, gt=0, allow_inf_nan=False, description="Gradients are clipped to this norm.")
    target_kl: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="Stop an update's epochs once the KL divergence exceeds 1.5 × this; null: never."
    )

    @property
    def widths(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Hidden layer widths of actor and critic."""
        return (self.net_arch.pi, self.net_arch.vf) if isinstance(self.net_arch, NetArch) else (self.net_arch, self.net_arch)

    @property
    def rollout(self) -> int:
        """Environment steps of a trial between two updates."""
        return self.n_steps * self.num_envs

    def fewer_envs(self, divisor: int) -> dict[str, Any] | None:
        """See `eureka.hookspecs.eureka_train`. Minibatches become smaller where they would not divide a rollout any more."""
        num_envs = self.num_envs // divisor
        batch = math.gcd(self.n_steps * num_envs, self.batch_size)
        return {"num_envs": num_envs, "batch_size": batch} if num_envs and batch > 1 else None

    @field_validator("warm_start")
    @classmethod
    def _file(cls, path: Path | None) -> Path | None:
        """The file rather than its directory: files are what a run watches for changes."""
        return path / POLICY_FILE if path is not None and (path / POLICY_FILE).is_file() else path

    @model_validator(mode="after")
    def _fits_together(self) -> Options:
        if self.rollout % self.batch_size:
            raise ValueError(
                f"batch_size: {self.batch_size} does not divide n_steps × num_envs = {self.n_steps} × {self.num_envs} = {self.rollout}; "
                "choose a factor of it."
            )
        return self
