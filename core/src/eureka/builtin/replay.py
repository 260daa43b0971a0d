"""`replay`: answer with what a model once said, from a run's journal or a folder of text files. Never touches the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from eureka.builtin.journal_lines import journal_lines
from eureka.component import Component, ConfigPath, hookimpl
from eureka.component import Options as BaseOptions
from eureka.errors import ConfigError, EurekaError
from eureka.generator_types import Answer, CompletionRequest

_ID = re.compile(r"r(\d+)i(\d+)s(\d+)")
_Key = tuple[int, int, int, int]


class ReplayLLM(Component):
    """Give recorded answers again, without a key and at no cost.

    A run directory answers from its `journal.jsonl`, by restart, iteration, sample and attempt. A folder holds one answer per
    `*.txt` file: where files are named after candidates (`r0i2s07.txt`), each answers that sample only, at every attempt; otherwise
    sample s of every iteration gets file number s modulo the number of files, in the order of their names.
    """

    class Options(BaseOptions):
        source: ConfigPath = Field(alias="from", description="A run directory, or a folder of *.txt files with one answer each.")

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._folder: Path = options.source
        self._journal = self._folder / "journal.jsonl"
        self._files = sorted(self._folder.glob("*.txt"))
        self._recorded: dict[_Key, tuple[str, str, str]] | None = None
        if not self._journal.is_file() and not self._files:
            raise ConfigError(
                f"llm.from: {self._folder} holds neither journal.jsonl nor *.txt files; give a run directory or a folder of answers."
            )

    @hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        found = [(sample, self._find(request, sample)) for sample in request.samples]
        return (
            Answer(sample=sample, text=text, model=model, finish_reason=reason, cost_usd=0.0) for sample, (text, model, reason) in found
        )  # neither tokens nor cost: nothing is bought

    def _find(self, request: CompletionRequest, sample: int) -> tuple[str, str, str]:
        if self._recorded is None:
            self._recorded = self._read_journal() if self._journal.is_file() else self._read_named()
        key = (request.restart, request.iteration, sample, request.attempt)
        if self._recorded:
            # A file stands for its sample whatever the attempt; a journal knows attempts apart.
            answer = self._recorded.get(key if self._journal.is_file() else (*key[:3], 0))
        elif self._files:
            answer = _read_answer(self._files[sample % len(self._files)])
        else:
            answer = None
        if answer is None:
            repairs = ", with its generator.repairs" if key[3] else ""
            raise EurekaError(
                f"llm.from: {self._folder} has no answer for restart {key[0]}, iteration {key[1]}, sample {key[2]}, attempt {key[3]} "
                f"(counted from 0); it holds {len(self._recorded)}. Search no further than the recording did{repairs}, or use a model."
            )
        return answer

    def _read_journal(self) -> dict[_Key, tuple[str, str, str]]:
        found = {}
        for line in journal_lines(self._journal):
            if line.get("kind") == "completion":
                key = (line["restart"], line["iteration"], line["sample"], line.get("attempt", 0))
                found[key] = (line["text"], line.get("model", ""), line.get("finish_reason", ""))
        return found

    def _read_named(self) -> dict[_Key, tuple[str, str, str]]:
        named = [(match, path) for path in self._files if (match := _ID.fullmatch(path.stem))]
        return {(int(m[1]), int(m[2]), int(m[3]), 0): _read_answer(path) for m, path in named}


def _read_answer(path: Path) -> tuple[str, str, str]:
    return path.read_text(encoding="utf-8", errors="replace"), "", ""
