"""What the user writes of a task: description, environment, variables and fitness."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Record(BaseModel):
    """Frozen and closed: a record never changes, and an unknown key in one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, ser_json_inf_nan="strings")


class ComponentSpec(Record):
    """Which component fills a kind, and its options. In YAML `use` and the options are one mapping, or just a name."""

    use: str
    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"use": value}
        if isinstance(value, dict) and "use" in value and "options" not in value:
            return {"use": value["use"], "options": {k: v for k, v in value.items() if k != "use"}}
        return value

    def as_yaml(self) -> dict[str, Any]:
        """The flat form a config file holds."""
        return {"use": self.use, **self.options}


class VariableSpec(Record):
    """One variable a reward may take as an argument."""

    source: str = Field(alias="from", description="obs[3], obs[3:6], info.key, env.hull.angle, action, or FILE.py:function.")
    meaning: str = Field("", description="What it is, in words a model reads.")
    unit: str = Field("", description="Physical unit.")
    goal: Literal["high", "low", "zero"] | None = Field(None, description="Optional hint: which way is good.")


class Fitness(Record):
    """The ground truth F: what the agent should achieve, measured by trusted code."""

    value: str = Field(description="Source of the per-step value: any variable source, `native`, `length`, or FILE.py:function.")
    fold: Literal["sum", "mean", "last", "max", "any"] = Field("sum", description="How an episode's values become one number.")
    goal: Literal["maximize", "minimize"] = Field("maximize", description="Whether more is better.")
    solved: float | None = Field(None, description="The task counts as solved at this mean fitness.")
    unit: str | None = Field(None, description="Of an episode's fitness, for tables: m/s, steps, share of episodes.")

    def score(self, fitness: float | None) -> float:
        """A number where more is always better; a missing or NaN fitness is −inf, so that it never wins."""
        if fitness is None or fitness != fitness:
            return float("-inf")
        return fitness if self.goal == "maximize" else -fitness


class Task(Record):
    """Description, environment, variables and fitness."""

    name: str
    description: str = Field(description="What the agent should do, in a sentence.")
    sim: ComponentSpec
    variables: dict[str, VariableSpec] = Field({}, description="What rewards may take; empty: the simulator derives them.")
    fitness: Fitness
    human: str = Field("native", description="The reward to beat: `native` (the environment's own) or FILE with compute_reward.")
    terminated_is_success: bool = Field(False, description="A terminal state is the goal: `terminated` is then no variable.")

    @property
    def human_is_fitness(self) -> bool:
        """Whether both are the environment's own reward, step by step: see `FitnessReward` for the folds."""
        fitness = self.fitness
        return self.human == fitness.value == "native" and fitness.goal == "maximize" and fitness.fold in ("sum", "mean")
