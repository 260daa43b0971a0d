"""`replay`: answer with what a model once said, from a run's journal or a folder of text files. Never touches the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from eureka.builtin.recording import Place, Recorded, read_recording
from eureka.component import Component, ConfigPath, hookimpl
from eureka.component import Options as BaseOptions
from eureka.errors import ConfigError, ModelFault
from eureka.generator_types import Answer, CompletionRequest, Price, Quote

_ID = re.compile(r"r(\d+)i(\d+)s(\d+)")


class ReplayLLM(Component):
    """Give recorded answers again, without a key and at no cost.

    A run directory answers from its `journal.jsonl`, by restart, iteration, sample and attempt, and only what it was asked then. A folder
    holds one answer per `*.txt` file: where files are named after candidates (`r0i2s07.txt`), each answers that sample only, at every
    attempt; otherwise sample s of every iteration gets file number s modulo the number of files, in the order of their names.
    """

    online: ClassVar[bool] = False

    class Options(BaseOptions):
        source: ConfigPath = Field(alias="from", description="A run directory, or a folder of *.txt files with one answer each.")
        match: Literal["exact", "place"] = Field(
            "exact",
            description="Of a run: exact, an answer goes only to the question it was given to; place, to any that is asked for its sample.",
        )

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._folder: Path = options.source
        self._journal = self._folder / "journal.jsonl"
        self._files = sorted(self._folder.glob("*.txt"))
        if not self._journal.is_file() and not self._files:
            raise ConfigError(
                f"llm.from: {self._folder} holds neither journal.jsonl nor *.txt files; give a run directory or a folder of answers."
            )

    @hookimpl
    def eureka_quote(self, request: CompletionRequest) -> dict[int, Quote]:
        return dict.fromkeys(request.samples, Quote(provider="replay", price=Price(input=0, output=0)))

    @hookimpl
    def eureka_not_sent(self, request: CompletionRequest) -> tuple[int, ...]:
        return request.samples  # nobody sends a bill

    @hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        faults = []
        for sample in request.samples:
            try:
                found = self._find(request, sample)
            except ModelFault as fault:
                faults.append(fault)  # what there is comes first
                continue
            who = {"provider": found.provider, "model": found.model, "finish_reason": found.finish_reason}
            yield Answer.model_validate({"sample": sample, "text": found.text, "cost_usd": 0.0, **who})  # no tokens: nothing is bought
        if faults:
            raise faults[0]

    def _find(self, request: CompletionRequest, sample: int) -> Recorded:
        place = (request.restart, request.iteration, sample, request.attempt)
        if self._journal.is_file():
            found = self._recorded.get(place)
        elif self._recorded:
            found = self._recorded.get((*place[:3], 0))  # a file stands for its sample whatever the attempt
        else:
            found = Recorded(_text(self._files[sample % len(self._files)]))
        if found is None:
            repairs = ", with its generator.repairs" if request.attempt else ""
            raise ModelFault(
                f"llm.from: {self._folder} has no answer for {_words(place)}; it holds {len(self._recorded)}. "
                f"Search no further than the recording did{repairs}, or use a model.",
                billed=False,
            )
        if self.options.match == "exact" and not found.answers(request.messages, place):
            raise ModelFault(
                f"llm.from: {self._folder} was asked something else for {_words(place)}: {found.difference(request.messages)}. Take "
                "its answers by place alone, with eureka resume DIR --set llm.match=place, or start a new run.",
                billed=False,
            )
        return found

    @cached_property
    def _recorded(self) -> dict[Place, Recorded]:
        if self._journal.is_file():
            return read_recording(self._journal)
        named = [(match, path) for path in self._files if (match := _ID.fullmatch(path.stem))]
        return {(int(m[1]), int(m[2]), int(m[3]), 0): Recorded(_text(path)) for m, path in named}


def _words(place: Place) -> str:
    return "restart {}, iteration {}, sample {}, attempt {} (counted from 0)".format(*place)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
