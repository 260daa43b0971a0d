"""The settings of a run: closed, described, and without defaults, which are in `defaults.yaml`."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from eureka.types import ComponentSpec, Isolation, Record, Task
from eureka.validation import show


def _whole(value: Any) -> Any:
    """1e6 is a whole number, though YAML reads it as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]


class _Section(BaseModel):
    # Strict: `samples: true` and `samples: "8"` are mistakes, not 1 and 8.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Search(_Section):
    """How much is searched."""

    iterations: Whole = Field(ge=1, description="Rounds of generating, training and reflecting.")
    samples: Whole = Field(ge=1, description="Reward candidates per iteration.")
    restarts: Whole = Field(ge=1, description="Independent searches; the best of all is kept.")
    retest: Whole = Field(
        ge=0, description="How many of the top candidates are trained once more on a fresh seed before the best is chosen."
    )
    stop_when_solved: bool = Field(
        description="End the search with the iteration in which the best reward's fitness reaches the task's `fitness.solved`."
    )
    initial_reward: str | None = Field(
        description="A reward to begin from: a file with a program, or with a model's answer as it came; human: the task's human reward, "
        "where `task.human` is a file (mostly it is `native`, which is no program); null: none."
    )
    initial_as: Literal["iteration", "sample"] = Field(
        description="What the initial reward stands for: the whole first iteration (of each restart), or one of its samples."
    )
    start: str | None = Field(
        description="The directory of a run to start from: trainings begin with its best policy, and the search with its best reward, "
        "unless initial_reward gives another; null: from scratch. The final evaluation trains from scratch, too."
    )
    start_reward: bool = Field(description="Whether the search begins with the reward of `start`, and not with its policy alone.")
    warm_start: Literal["none", "best", "parent"] = Field(
        description="What trainings begin with from the second iteration on. best: the best policy of the restart so far; parent: the "
        "policy trained under the reward they were made from; none: what those of the first begin with."
    )

    @property
    def takes_reward(self) -> bool:
        """Whether the search begins with the reward of the run it starts from."""
        return self.start is not None and self.start_reward and self.initial_reward is None

    @property
    def may_start_warm(self) -> bool:
        """Whether any training may begin with a policy."""
        return self.start is not None or (self.warm_start != "none" and self.iterations > 1)

    def given(self, iteration: int) -> int:
        """How many of the first samples of an iteration are given and not written: 1 where the initial reward is among them."""
        return int((self.initial_reward is not None or self.takes_reward) and iteration == 0)

    def candidates(self, iteration: int) -> int:
        """How many candidates an iteration has."""
        return 1 if self.given(iteration) and self.initial_as == "iteration" else self.samples

    def written(self, iteration: int) -> range:
        """The samples of an iteration that the generator writes."""
        return range(self.given(iteration), self.candidates(iteration))

    @property
    def rewards(self) -> int:
        """How many candidates the whole search has."""
        return self.restarts * sum(map(self.candidates, range(self.iterations)))


class Training(_Section):
    """How long each candidate trains."""

    steps: Whole = Field(ge=1, description="Environment steps per candidate.")
    checkpoints: Whole = Field(ge=1, le=100, description="How many times a training is evaluated, evenly spaced.")
    segments: int | tuple[float, ...] = Field(
        description="The jobs a training is cut into: how many of equal length, or the shares of it at which it is cut, such as "
        "[0.25, 0.5]. Each end is a resume point, and where the pruner decides who trains on."
    )
    fewer_envs: bool = Field(
        description="Whether a training that is out of memory however it is tried is tried with a half and a quarter of the trainer's "
        "environments, and told as such; else it is lost."
    )

    @property
    def ends(self) -> tuple[int, ...]:
        """Environment steps at which each segment ends; the last is the whole training."""
        if isinstance(self.segments, int):
            return tuple(self.steps * (segment + 1) // self.segments for segment in range(self.segments))
        return (*(round(self.steps * share) for share in self.segments), self.steps)

    @field_validator("segments", mode="before")
    @classmethod
    def _number_or_shares(cls, value: Any) -> int | tuple[float, ...]:
        number = _whole(value)
        if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
            return number
        shares = value if isinstance(value, (list, tuple)) else ()
        if shares and all(isinstance(share, float) for share in shares) and all(a < b for a, b in pairwise((0.0, *shares, 1.0))):
            return tuple(shares)
        valid = "a number of equal segments, such as 2, nor growing shares of the training between 0 and 1, such as [0.25, 0.5]"
        raise ValueError(f"{show(value)} is neither {valid}")

    @model_validator(mode="after")
    def _fits(self) -> Training:
        if isinstance(self.segments, int) and self.segments > self.steps:
            raise ValueError(f"segments ({self.segments}) is more than steps ({self.steps})")
        if not all(a < b for a, b in pairwise((0, *self.ends))):
            ends = ", ".join(f"{end:,}" for end in self.ends)
            raise ValueError(f"segments ({show(self.segments)}) would end at {ends} steps, and each needs one of its own; take fewer")
        return self


class EvaluationSettings(_Section):
    """How candidates are measured while they train."""

    share: float = Field(gt=0, le=1, description="Evaluation may cost this share of the training steps.")
    min_episodes: Whole = Field(ge=1, description="Fewest episodes per checkpoint, whatever they cost.")
    max_episodes: Whole = Field(ge=1, description="Most episodes per checkpoint.")

    @model_validator(mode="after")
    def _ordered(self) -> EvaluationSettings:
        if self.min_episodes > self.max_episodes:
            raise ValueError(f"min_episodes ({self.min_episodes}) is more than max_episodes ({self.max_episodes})")
        return self


class Final(_Section):
    """The final evaluation: the best reward against the human's and the fitness itself."""

    seeds: Whole = Field(ge=0, description="Trainings per reward, each on a seed of its own; 0 skips the final evaluation.")
    episodes: Whole = Field(ge=1, description="Fresh episodes the best checkpoint of each training is measured again on.")
    top: Whole = Field(ge=1, description="How many of the best rewards are trained so; all but the first are told as others.")
    cache: bool = Field(
        description="Whether trainings of the human reward and of the fitness itself are kept for further runs of the same task, settings "
        "and seed, and taken from there."
    )
    clip: bool = Field(
        description="Whether a run leaves a short video of its best policy, `best_policy.mp4`, which its report shows; where the "
        "environment cannot be drawn there is none."
    )


class Keep(_Section):
    """What of a training is kept for later."""

    checkpoints: Literal["best", "all"] = Field(
        description="best: of each training the policy of its best checkpoint; all: of a candidate those of all its checkpoints, too, "
        "for `eureka play --checkpoint`."
    )


class Caps(_Section):
    """What a run may spend; null is no limit. At a cap the run ends in good order with what it has; a higher one goes on from there."""

    cost_usd: float | None = Field(gt=0, description="Most that model calls may cost, in US dollars; their price must be known.")
    tokens: Whole | None = Field(gt=0, description="Most tokens, read and written together.")
    llm_calls: Whole | None = Field(
        gt=0,
        description="Most answers asked of the model, repairs included; a try that broke off and may be billed is one. Not HTTP calls.",
    )
    env_steps: Whole | None = Field(
        gt=0,
        description="Most environment steps, training and evaluation together: no training begins that might not fit whole. (How far the "
        "last update of a training goes beyond `training.steps` is known once one has trained.)",
    )
    hours: float | None = Field(
        gt=0,
        description="Hours of wall time after which nothing more begins: looked at before each question, stage and segment of training. "
        "What people are waited for does not count.",
    )


class Config(Record):
    """Everything a run depends on."""

    task: Task = Field(description="A shipped task's name, the path of a task.yaml, or the task itself.")
    seed: Annotated[Whole, Field(strict=True, ge=0, description="All randomness derives from it.")]
    generator: ComponentSpec = Field(description="Writes the reward candidates.")
    llm: ComponentSpec | None = Field(description="The model a generator asks; null where it asks none.")
    isolation: Isolation | None = Field(
        description="How surely generated code must be confined: require (or the run ends before anything is spent), best-effort, or none. "
        "null: require, but best-effort where the generator writes every program itself and on other systems than Linux."
    )
    trainer: ComponentSpec = Field(description="Trains the policies.")
    pruner: ComponentSpec = Field(description="Chooses which trainings go on after each segment.")
    selector: ComponentSpec = Field(description="Chooses the parents of the next iteration.")
    reflector: ComponentSpec = Field(description="Tells the generator how a parent's training went.")
    feedback: tuple[ComponentSpec, ...] = Field(description="What brings in people's notes.")
    executor: ComponentSpec = Field(description="Starts the workers.")
    extensions: tuple[ComponentSpec, ...] = Field(description="What watches the run.")
    search: Search
    training: Training
    evaluation: EvaluationSettings
    final: Final
    keep: Keep
    budget: Caps
