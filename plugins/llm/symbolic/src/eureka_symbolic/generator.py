"""The component: its options and the hook that answers for every missing sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions

if TYPE_CHECKING:
    from eureka.generator_types import Draft
    from eureka.history import GenerateRequest
    from eureka.hookspecs import GenerateTools


class SymbolicGenerator(Component):
    """Design rewards from measured ranges and earlier evaluations; needs no key, no network and no model."""

    writes_its_own: ClassVar[bool] = True
    """No word of a model's or a stranger's is in its programs, so that they need no more confinement than can be had."""
    improves_parents: ClassVar[bool] = False
    """Its own are the best quarter of all."""

    class Options(BaseOptions):
        """What may be set under `generator: {use: symbolic, ...}`."""

        strategy: Literal["hybrid", "random"] = Field(
            "hybrid", description="hybrid: learn from earlier candidates. random: the control, fresh random programs at equal budget."
        )
        replicates: bool = Field(True, description="Train the best programs again on each new iteration's seed (from 4 samples on).")
        hints: bool = Field(True, description="Use the `goal` hints of the task's variables.")

    options: Options

    @hookimpl
    def eureka_generate_rewards(self, request: GenerateRequest, tools: GenerateTools) -> Iterator[Draft]:
        from eureka_symbolic.plan import drafts

        missing = set(request.missing)
        return (draft for draft in drafts(request, **self.options.model_dump()) if draft.sample in missing)
