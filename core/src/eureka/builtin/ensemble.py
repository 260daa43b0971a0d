"""`ensemble`: several models answer, each its share of the samples."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from pydantic import Field, field_validator

from eureka.at_once import at_once
from eureka.builtin.shares import turns, whose
from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.contracts import build_manager
from eureka.errors import ConfigError, EurekaError, PluginContractError
from eureka.events import Progress, RunEnd, RunStart, StageStart
from eureka.generator_types import Answer, CompletionRequest, Quote
from eureka.inner import Inner
from eureka.registry import make

log = logging.getLogger("eureka")

_SETTING = re.compile(r"(?<![\w./-])llm(?=: |\.[a-z])")
"""How a component names itself and its options."""


class Member(Inner):
    """One of the models."""

    kind: ClassVar[str] = "llm"
    weight: int = Field(1, ge=1, le=1000, strict=True, description="How many samples it gets for those the others' weights get them.")


class EnsembleLLM(Component):
    """Let several models answer, each its share of every iteration's samples, all at the same time.

    A member is any other `llm` with its options, and a `weight`. Who answers a sample depends on the weights, restart, iteration and
    sample alone, so a run that was interrupted deals as one that was not. Repairs of a sample go to who wrote it.
    """

    class Options(BaseOptions):
        members: tuple[Member, ...] = Field(description="The models: [{use: NAME, weight: 2, …}, …].")

        @field_validator("members")
        @classmethod
        def _some(cls, members: tuple[Member, ...]) -> tuple[Member, ...]:
            if not members:
                raise ValueError("is empty; name the models that answer")
            return members

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._members = [make(one.kind, one.spec, f"llm.members[{index}]") for index, one in enumerate(options.members)]
        self._hooks = []
        for index, member in enumerate(self._members):
            with as_member(index):
                self._hooks.append(build_manager({"llm": member}).hook)
        self._round = turns([member.weight for member in options.members])

    def members(self) -> list[Component]:
        """Those that answer."""
        return list(self._members)

    @hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        parts = self._parts(request)
        return at_once([partial(self._answers, index, part) for index, part in parts.items()], len(parts))

    @hookimpl
    def eureka_quote(self, request: CompletionRequest) -> dict[int, Quote]:
        return {sample: quote for index, part in self._parts(request).items() for sample, quote in self._quotes(index, part).items()}

    @hookimpl
    def eureka_not_sent(self, request: CompletionRequest) -> list[int]:
        parts = self._parts(request).items()
        return [sample for index, part in parts for sample in self._hooks[index].eureka_not_sent(request=part) or ()]

    @hookimpl
    def eureka_check_llm(self) -> None:
        problems = []
        for index, hooks in enumerate(self._hooks):
            try:
                with as_member(index):
                    hooks.eureka_check_llm()
            except ConfigError as error:
                problems.append(str(error))
        if problems:
            raise ConfigError("\n".join(problems))

    def _parts(self, request: CompletionRequest) -> dict[int, CompletionRequest]:
        """What each member is asked."""
        hands: dict[int, list[int]] = {}
        for sample in request.samples:
            hands.setdefault(whose(self._round, request.restart, request.iteration, sample), []).append(sample)
        return {index: request.model_copy(update={"samples": tuple(samples)}) for index, samples in hands.items()}

    def _quotes(self, index: int, request: CompletionRequest) -> dict[int, Quote]:
        with as_member(index):
            quotes = self._hooks[index].eureka_quote(request=request) or {}
        at = {"setting": f"llm.members[{index}]"}
        found = {sample: quotes.get(sample, Quote()).model_copy(update=at) for sample in request.samples}
        use = self.options.members[index].use
        return {sample: quote if quote.provider else quote.model_copy(update={"provider": use}) for sample, quote in found.items()}

    def _answers(self, index: int, request: CompletionRequest) -> Iterator[Answer]:
        """A member's answers, each with who wrote it."""
        quotes = self._quotes(index, request)
        with as_member(index):
            answers = self._hooks[index].eureka_complete(request=request)
            if answers is None:
                raise PluginContractError("llm: eureka_complete gave nothing; expected one answer per sample.")
            for answer in answers:
                if answer.sample not in quotes:
                    raise PluginContractError(f"llm: answered sample {answer.sample}; expected one of {sorted(quotes)}.")
                quote = quotes.pop(answer.sample)
                who = {"provider": answer.provider or quote.provider, "model": answer.model or quote.model}
                yield answer.model_copy(update=who)
            if quotes:
                raise PluginContractError(f"llm: gave no answer for sample(s) {sorted(quotes)}; expected an answer or a `ModelFault`.")

    # ── What happens in the run is passed on ─────────────────────────────────────────────────────────────────────────

    @hookimpl
    def eureka_on_run_start(self, event: RunStart) -> None:
        self._tell("eureka_on_run_start", event=event)

    @hookimpl
    def eureka_on_stage(self, event: StageStart) -> None:
        self._tell("eureka_on_stage", event=event)

    @hookimpl
    def eureka_on_record(self, record: object) -> None:
        self._tell("eureka_on_record", record=record)

    @hookimpl
    def eureka_on_progress(self, event: Progress) -> None:
        self._tell("eureka_on_progress", event=event)

    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        self._tell("eureka_on_run_end", event=event)

    def _tell(self, hook: str, **arguments: Any) -> None:
        for index, hooks in enumerate(self._hooks):
            try:
                getattr(hooks, hook)(**arguments)
            except Exception:  # as with every lifecycle hook: neither the others nor the run are kept from theirs
                log.exception("llm.members[%d]: %s failed; the run goes on", index, hook)


@contextmanager
def as_member(index: int) -> Iterator[None]:
    """Have what a member says of `llm` name the member."""
    try:
        yield
    except EurekaError as error:
        error.args = (_SETTING.sub(f"llm.members[{index}]", str(error)),)
        raise
