"""`given`: rewards that are there already, each a candidate of the only iteration: what `eureka reward eval` compares."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.generator_types import Draft
from eureka.history import GenerateRequest
from eureka.hookspecs import GenerateTools


class GivenGenerator(Component):
    """Answer with rewards that are given, one a sample, in every iteration the same."""

    class Options(BaseOptions):
        rewards: tuple[str, ...] = Field(min_length=1, description="Programs, or answers that hold one; as many as `search.samples`.")
        names: tuple[str, ...] = Field((), description="What to call each where a run tells of it; its id where there is none.")

    options: Options

    @property
    def names(self) -> tuple[str, ...]:
        """By sample."""
        return self.options.names

    @hookimpl
    def eureka_generate_rewards(self, request: GenerateRequest, tools: GenerateTools) -> Iterator[Draft]:
        rewards = self.options.rewards
        return (Draft(sample=sample, text=rewards[sample % len(rewards)]) for sample in request.missing)
