"""The YAML options of `trainer: sb3`. Names and defaults are stable-baselines3's where it has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from eureka import component


class Options(component.Options):
    """Proximal policy optimisation, Schulman et al. 2017."""

    algorithm: Literal["PPO"] = Field("PPO", description="Learning algorithm.")
    num_envs: int = Field(8, ge=1, description="Environment rows stepped together.")
    learning_rate: float = Field(3e-4, gt=0, allow_inf_nan=False, description="Step size of Adam.")
    learning_rate_schedule: Literal["constant", "linear"] = Field(
        "constant", description="`linear` falls from learning_rate to 0 over the whole budget."
    )
    n_steps: int = Field(2048, ge=1, description="Steps per row between two updates; a rollout is n_steps × num_envs steps.")
    batch_size: int = Field(64, ge=2, description="Minibatch size; must divide the rollout.")
    n_epochs: int = Field(10, ge=1, description="Passes over the rollout per update.")
    gamma: float = Field(0.99, gt=0, le=1, description="Discount factor.")
    gae_lambda: float = Field(0.95, ge=0, le=1, description="λ of generalised advantage estimation.")
    clip_range: float = Field(0.2, gt=0, allow_inf_nan=False, description="The probability ratio is clipped to 1 ± this.")
    ent_coef: float = Field(0.0, ge=0, allow_inf_nan=False, description="Weight of the entropy bonus.")
    vf_coef: float = Field(0.5, ge=0, allow_inf_nan=False, description="Weight of the value loss.")
    max_grad_norm: float = Field(0.5, gt=0, allow_inf_nan=False, description="Gradients are clipped to this norm.")
    target_kl: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="Stop an update's epochs once the KL divergence exceeds 1.5 × this; null: never."
    )
    net_arch: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (64, 64), description="Hidden layer widths, the policy's and the value's alike."
    )
    activation: Literal["tanh", "relu"] = Field("tanh", description="Between the layers.")
    normalize_observations: bool = Field(False, description="Scale observations by their running mean and variance (Box only).")
    normalize_rewards: bool = Field(False, description="Scale rewards by the running deviation of their discounted sum.")

    @model_validator(mode="after")
    def _batches_divide_the_rollout(self) -> Options:
        rollout = self.n_steps * self.num_envs
        if rollout % self.batch_size:
            raise ValueError(
                f"batch_size: {self.batch_size} does not divide n_steps × num_envs = {self.n_steps} × {self.num_envs} = {rollout}; "
                "choose a factor of it."
            )
        return self
