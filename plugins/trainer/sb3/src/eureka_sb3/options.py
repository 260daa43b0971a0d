"""The YAML options of `trainer: sb3`. Names and defaults are stable-baselines3's where it has them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from eureka import component
from eureka.torch_device import TorchDevice
from eureka_sb3.algorithms import ALGORITHMS, DEFAULTS, Algorithm, first_default, owners, who
from eureka_sb3.noise_options import Normal, OrnsteinUhlenbeck

POLICIES = ("auto", "MlpPolicy", "CnnPolicy", "MultiInputPolicy")
_CLASS_PATH = TypeAdapter[str](component.ClassPath)
_IS_CLASS = re.compile(r"(?:[A-Za-z_][\w.]*|.*\.py):[A-Za-z_]\w*")
Width = Annotated[int, Field(ge=1)]


def _known_policy(value: str) -> str:
    if value not in POLICIES and not _IS_CLASS.fullmatch(value):
        raise ValueError(f'"{value}" is not {", ".join(POLICIES)}, module:Class or FILE.py:Class')
    return value


def is_class_path(value: Any) -> bool:
    """Whether a value of `policy_kwargs` names a Python class."""
    return isinstance(value, str) and _IS_CLASS.fullmatch(value) is not None


def _option(name: str, description: str, **bounds: Any) -> Any:
    """An option not all algorithms have, or whose default differs between them; both come from `DEFAULTS`."""
    return Field(first_default(name), description=f"{description}{who(name)}", **bounds)


def _number(name: str, description: str, **bounds: Any) -> Any:
    return _option(name, description, allow_inf_nan=False, **bounds)


class Options(component.Options):
    """One model for all algorithms: only the chosen one's options may be given, and only they are in what the config resolves to."""

    algorithm: Algorithm = Field("PPO", description="Learning algorithm.")
    num_envs: int = _option("num_envs", "Environment rows stepped together.", ge=1)
    policy: Annotated[component.ClassPath, AfterValidator(_known_policy)] = Field(
        "auto",
        description="auto, MlpPolicy, CnnPolicy, MultiInputPolicy, or a class of your own as `module:Class` or `FILE.py:Class`. "
        "auto: CnnPolicy for pixels, MultiInputPolicy for Dict observations with an image in them, else MlpPolicy.",
    )
    net_arch: tuple[Width, ...] | dict[Literal["pi", "vf", "qf"], tuple[Width, ...]] | None = Field(
        None,
        description="Hidden layer widths, or {pi: widths, vf or qf: widths}; null: the policy's own, 64, 64 in PPO's MlpPolicy.",
    )
    activation: Literal["tanh", "relu"] | None = Field(None, description="Between the layers; null: the policy's own, PPO's is tanh.")
    policy_kwargs: dict[str, Any] = Field(
        {}, description="More arguments of the policy's constructor; classes in it as `module:Name` or `FILE.py:Name`."
    )
    normalize_observations: bool | Literal["auto"] = Field(
        False, description="Scale observations by their running mean and variance (no images); auto: wherever they are plain numbers."
    )
    normalize_rewards: bool = Field(False, description="Scale rewards by the running deviation of their discounted sum.")
    device: TorchDevice = Field("cpu", description="cpu, cuda, cuda:1, or auto, which takes a GPU where there is one.")
    torch_compile: bool = Field(False, description="Compile the networks with torch.compile; needs a C++ compiler.")

    learning_rate: float = _number("learning_rate", "Step size of the optimiser.", gt=0)
    learning_rate_schedule: Literal["constant", "linear"] = Field(
        "constant", description="`linear` falls from learning_rate to 0 over the whole budget."
    )
    n_steps: int = _option("n_steps", "PPO: steps per row between two updates. Others: rewards summed before the value estimate.", ge=1)
    batch_size: int = _option("batch_size", "Minibatch size; PPO's must divide n_steps × num_envs.", ge=2)
    gamma: float = _number("gamma", "Discount factor.", gt=0, le=1)
    n_epochs: int = _option("n_epochs", "Passes over the rollout per update.", ge=1)
    gae_lambda: float = _number("gae_lambda", "λ of generalised advantage estimation.", ge=0, le=1)
    clip_range: float = _number("clip_range", "The probability ratio is clipped to 1 ± this.", gt=0)
    clip_range_schedule: Literal["constant", "linear"] = _option(
        "clip_range_schedule", "`linear` falls from clip_range to 0 over the whole budget."
    )
    clip_range_vf: float | None = _number("clip_range_vf", "The value's change is clipped to ± this; null: it is not.", gt=0)
    normalize_advantage: bool = _option("normalize_advantage", "Scale each minibatch's advantages to mean 0 and deviation 1.")
    ent_coef: float | str = _option("ent_coef", "Weight of the entropy bonus; SAC: `auto` learns it, `auto_0.1` from 0.1 on.")
    vf_coef: float = _number("vf_coef", "Weight of the value loss.", ge=0)
    max_grad_norm: float = _number("max_grad_norm", "Gradients are clipped to this norm.", gt=0)
    target_kl: float | None = _number("target_kl", "Stop an update's epochs once the KL divergence exceeds 1.5 × this; null: never.", gt=0)
    buffer_size: int = _option("buffer_size", "Steps the replay buffer holds.", ge=1)
    learning_starts: int = _option("learning_starts", "Environment steps of random actions before the first update.", ge=0)
    tau: float = _number("tau", "How far target networks move towards the trained ones per update.", gt=0, le=1)
    train_freq: Width | tuple[Width, Literal["step", "episode"]] = _option(
        "train_freq", "Update every so many vector steps, or [n, episode]: every n episodes (one row only)."
    )
    gradient_steps: int = _option("gradient_steps", "Minibatches per update; -1: as many as environment steps since the last.", ge=-1)
    optimize_memory_usage: bool = _option(
        "optimize_memory_usage", "Store each observation once; a truncated episode then counts as terminated."
    )
    target_update_interval: int = _option(
        "target_update_interval", "SAC: minibatches between target updates within an update; DQN: environment steps between them.", ge=1
    )
    action_noise: Normal | OrnsteinUhlenbeck | None = _option(
        "action_noise",
        "Added to actions in training, on their scale of -1 to 1: {type: normal or ornstein_uhlenbeck, sigma: 0.1}.",
        discriminator="type",
    )
    target_entropy: float | Literal["auto"] = _option("target_entropy", "Entropy that `ent_coef: auto` aims at; auto: -number of actions.")
    policy_delay: int = _option("policy_delay", "Minibatches per update of actor and target networks.", ge=1)
    target_policy_noise: float = _number("target_policy_noise", "Deviation of the noise on target actions.", ge=0)
    target_noise_clip: float = _number("target_noise_clip", "That noise is clipped to ± this.", ge=0)
    exploration_fraction: float = _number("exploration_fraction", "Share of the budget over which random actions get rarer.", gt=0, le=1)
    exploration_initial_eps: float = _number("exploration_initial_eps", "Chance of a random action at first.", ge=0, le=1)
    exploration_final_eps: float = _number("exploration_final_eps", "Chance of a random action in the end.", ge=0, le=1)
    use_sde: bool = _option("use_sde", "State-dependent exploration (Box actions).")
    sde_sample_freq: int = _option("sde_sample_freq", "Steps between new draws of its noise; -1: once per rollout.", ge=-1)
    use_sde_at_warmup: bool = _option("use_sde_at_warmup", "Use it during learning_starts, too.")

    def fewer_envs(self, divisor: int) -> dict[str, Any] | None:
        """See `eureka.hookspecs.eureka_train`. PPO's minibatches become smaller where they would not divide a rollout any more."""
        num_envs = self.num_envs // divisor
        batch = math.gcd(self.n_steps * num_envs, self.batch_size) if self.algorithm == "PPO" else self.batch_size
        return {"num_envs": num_envs, "batch_size": batch} if num_envs and batch > 1 else None

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """The algorithm's own defaults."""
        algorithm = data.get("algorithm", "PPO") if isinstance(data, Mapping) else None
        return {**DEFAULTS[algorithm], **data} if algorithm in ALGORITHMS else data

    @field_validator("*", mode="before")
    @classmethod
    def _belongs(cls, value: Any, info: ValidationInfo) -> Any:
        algorithm, has = info.data.get("algorithm"), owners(info.field_name or "")
        if algorithm is not None and has and algorithm not in has:
            raise ValueError(f"algorithm: {algorithm} has no such option; it is one of {', '.join(has)}. Remove it")
        return value

    @field_validator("policy_kwargs")
    @classmethod
    def _absolute_classes(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        def absolute(part: Any) -> Any:
            if isinstance(part, Mapping):
                return {key: absolute(inner) for key, inner in part.items()}
            if isinstance(part, list | tuple):
                return [absolute(inner) for inner in part]
            return _CLASS_PATH.validate_python(part, context=info.context) if is_class_path(part) else part

        return {key: absolute(part) for key, part in value.items()}

    @field_validator("ent_coef")
    @classmethod
    def _entropy_weight(cls, value: float | str, info: ValidationInfo) -> float | str:
        if isinstance(value, str):
            if info.data.get("algorithm") != "SAC":
                raise ValueError(f'"{value}" is not a number; only SAC learns it')
            if re.fullmatch(r"auto(_\d*\.?\d+)?", value) is None or float(value[5:] or 1) == 0:
                raise ValueError(f'"{value}" is not a number ≥ 0, auto, or auto_X with the X > 0 to begin with, such as auto_0.1')
        elif not 0 <= value < float("inf"):
            raise ValueError(f"{value} is not ≥ 0")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Options:
        taken = {"net_arch": self.net_arch, "activation_fn": self.activation}
        for name, option in (("net_arch", "net_arch"), ("activation_fn", "activation")):
            if taken[name] is not None and name in self.policy_kwargs:
                raise ValueError(f"policy_kwargs.{name}: {option} says it already; remove one of the two.")
        for name in ("observation_space", "action_space", "lr_schedule", "use_sde"):
            if name in self.policy_kwargs:
                raise ValueError(f"policy_kwargs.{name}: is given by the trainer; remove it.")
        if self.algorithm == "PPO":
            rollout = self.n_steps * self.num_envs
            if rollout % self.batch_size:
                raise ValueError(
                    f"batch_size: {self.batch_size} does not divide n_steps × num_envs = {self.n_steps} × {self.num_envs} = {rollout}; "
                    "choose a factor of it."
                )
            return self
        if isinstance(self.train_freq, tuple) and self.train_freq[1] == "episode" and self.num_envs > 1:
            raise ValueError(f"train_freq: [{self.train_freq[0]}, episode] needs num_envs: 1; it is {self.num_envs}.")
        if self.optimize_memory_usage and self.n_steps > 1:
            raise ValueError(f"optimize_memory_usage: true needs n_steps: 1; it is {self.n_steps}.")
        return self

    @model_serializer(mode="wrap")
    def _own_options(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What the algorithm has; the rest would be refused when it is read again."""
        own = DEFAULTS[self.algorithm]
        return {name: value for name, value in handler(self).items() if name in own or not owners(name)}
