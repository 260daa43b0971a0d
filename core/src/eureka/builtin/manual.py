"""`manual`: a person is the model, or whatever the person hands the question to: a chat window, an agent."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from eureka.builtin.question_file import answer_file, sample_name, write_question
from eureka.builtin.terminal import Terminal
from eureka.builtin.undisturbed import undisturbed
from eureka.component import Component, NewPath, hookimpl
from eureka.component import Options as BaseOptions
from eureka.errors import ConfigError, ModelFault
from eureka.events import RunEnd, RunStart
from eureka.generator_types import Answer, CompletionRequest, Price, Quote

log = logging.getLogger("eureka")

_LOOK_S = 1.0


class ManualLLM(Component):
    """Let a person answer: in files beside the question, or on the terminal.

    A question is a Markdown file, `r0i2a0.prompt.md` for iteration 2 of restart 0 (`a1` for repairs), which says in which files its answers
    are awaited: `r0i2s07.answer.md` for sample 7. Answers that are there when a run is resumed are taken.
    """

    online: ClassVar[bool] = False

    class Options(BaseOptions):
        via: Literal["file", "terminal"] = Field("file", description="file: wait for files with the answers; terminal: ask there.")
        folder: NewPath | None = Field(None, description="Where questions and answers are; null: `manual` in the run's directory.")
        timeout_s: float | None = Field(
            None, gt=0, description="Seconds without an answer after which the run stops, to be resumed; null: never."
        )

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._folder: Path | None = options.folder
        self._left = threading.Event()
        self._writing, self._talking = threading.Lock(), threading.Lock()

    @hookimpl
    def eureka_on_run_start(self, event: RunStart) -> None:
        self._folder = self.options.folder or event.run_dir / "manual"
        self._left.clear()

    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        self._left.set()  # nobody waits for what is still asked

    @hookimpl
    def eureka_quote(self, request: CompletionRequest) -> dict[int, Quote]:
        return dict.fromkeys(request.samples, Quote(provider="manual", price=Price(input=0, output=0)))

    @hookimpl
    def eureka_check_llm(self) -> None:
        if self.options.via == "terminal" and (missing := Terminal.missing()):
            raise ConfigError(f'llm.via: "terminal" needs a terminal, and {missing} is none. Run it in one, or set llm.via=file.')

    @hookimpl
    def eureka_not_sent(self, request: CompletionRequest) -> tuple[int, ...]:
        return request.samples  # nobody sends a bill

    @hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        if self._folder is None:
            raise ModelFault("llm.folder: is null, which means the run's directory, and no run is open. Set llm.folder=DIR.", billed=False)
        return (self._from_files if self.options.via == "file" else self._from_terminal)(request, self._folder)

    def _from_files(self, request: CompletionRequest, folder: Path) -> Iterator[Answer]:
        awaited = {sample: answer_file(folder, request, sample) for sample in request.samples}
        names = "\n".join(f"- `{path.name}`" for path in awaited.values())
        with self._writing:
            question = write_question(
                folder,
                request,
                "You are the assistant of the conversation below, and its last message is yours to answer: once for each of these files, "
                "each time anew. An answer goes whole into its file, which stands beside this one and is read as soon as it is no longer "
                f"being written.\n\n{names}\n",
            )
        count = f"{len(awaited)} answers" if len(awaited) > 1 else "an answer"
        log.warning("llm: waiting for %s to %s, which names the files they go into", count, question)
        since, looks = time.monotonic(), dict[int, str]()
        while True:
            for sample, path in list(awaited.items()):
                before, looks[sample] = looks.get(sample, ""), _written(path)
                if looks[sample].strip() and looks[sample] == before:
                    del awaited[sample]
                    since = time.monotonic()
                    yield Answer(sample=sample, text=looks[sample], finish_reason="stop")
            if not awaited:
                return
            if self._overdue(since):
                raise self._fault(f"{question} is without {', '.join(path.name for path in awaited.values())}")
            if self._left.wait(_LOOK_S):
                return

    def _from_terminal(self, request: CompletionRequest, folder: Path) -> Iterator[Answer]:
        with self._talking:  # one question after the other
            for number, sample in enumerate(request.samples, 1):
                if self._left.is_set():
                    return
                with undisturbed():
                    terminal = Terminal(self._left.is_set)
                    if number == 1:
                        with self._writing:
                            question = write_question(folder, request, "The answers to this are asked for on the terminal.")
                        terminal.show(question)
                    name = sample_name(request, sample)
                    terminal.say(f"Answer {number} of {len(request.samples)}, {name}. End it with a line that is just a dot, or Ctrl-D:")
                    since = time.monotonic()
                    text = terminal.read(partial(self._overdue, since))
                if self._left.is_set():
                    return
                if not text.strip():
                    raise self._fault(f"{name} was not answered")
                yield Answer(sample=sample, text=text, finish_reason="stop")

    def _overdue(self, since: float) -> bool:
        return self.options.timeout_s is not None and time.monotonic() - since > self.options.timeout_s

    def _fault(self, what: str) -> ModelFault:
        limit = self.options.timeout_s
        raise_it = f" {limit:g} s long; llm.timeout_s=null waits for ever" if limit is not None else ""
        return ModelFault(f"llm: {what}{raise_it}.", billed=False)


def _written(path: Path) -> str:
    """What a file holds so far; empty where it is none."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
    except OSError:
        return ""  # not yet ours to read
