"""What a generator asks models through: every question is paid for within the budget, journalled, and never bought twice."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from eureka.budget import affordable, reached
from eureka.errors import BudgetReached
from eureka.generator_types import Answer, CompletionRequest
from eureka.run import Run
from eureka.secret_values import refuse_secrets
from eureka.types import Asked, Completion, Message

_Inbox: TypeAlias = "queue.SimpleQueue[Answer | BaseException | None]"
_MAX_CHARACTERS = 1_000_000

_Question = tuple[tuple[Message, ...], tuple[int, ...]]
"""One conversation, and the samples that are each to answer it."""


class AskTools:
    """See `eureka.hookspecs.GenerateTools`."""

    def __init__(self, run: Run, restart: int, iteration: int) -> None:
        self._run = run
        self._restart = restart
        self._iteration = iteration

    def ask(self, messages: tuple[Message, ...], samples: tuple[int, ...], attempt: int = 0) -> Iterable[Answer]:
        return self._ask([(messages, samples)], attempt)

    def ask_each(self, questions: Mapping[int, tuple[Message, ...]], attempt: int = 0) -> Iterable[Answer]:
        return self._ask([(messages, (sample,)) for sample, messages in questions.items()], attempt)

    def _ask(self, questions: list[_Question], attempt: int) -> Iterator[Answer]:
        run, unpaid = self._run, []
        for _, samples in questions:
            for sample in samples:
                known = run.state.completions.get((self._restart, self._iteration, sample, attempt))
                if known is None:
                    unpaid.append(sample)
                else:  # bought before this host took over
                    yield Answer(sample=sample, **known.model_dump(include=set(Answer.model_fields) - {"sample"}))
        if not unpaid:
            return
        llm = run.config.llm
        assert llm is not None  # config: a generator that needs a model has one
        max_tokens = int(llm.options.get("max_tokens") or 0)
        payable, beyond = affordable(run.config, run.state, unpaid, max_tokens)
        wanted = [(messages, tuple(s for s in samples if s in payable)) for messages, samples in questions]
        yield from self._buy(llm.use, [(messages, samples) for messages, samples in wanted if samples], attempt, max_tokens)
        if beyond:
            caps = "; ".join(reached(run.config, run.state).values()) or "budget: nearly spent"
            raise BudgetReached(f"{caps}, {len(beyond)} more answers are not covered")

    def _buy(self, provider: str, questions: list[_Question], attempt: int, max_tokens: int) -> Iterator[Answer]:
        """Ask for answers, all conversations at once, journalling each question before and each answer as it comes."""
        run, started, place = self._run, time.time(), {"restart": self._restart, "iteration": self._iteration, "attempt": attempt}
        for messages, _ in questions:  # all of them before the first is journalled: what is refused was not asked
            refuse_secrets(messages)
        for messages, samples in questions:
            run.record(Asked(**place, samples=samples, messages=messages, max_tokens=max_tokens, time=started))

        def record(answer: Answer) -> None:
            fields = {**answer.model_dump(), "text": storable(answer.text)}
            run.record(Completion(**place, provider=provider, started=started, ended=time.time(), **fields))

        requests = [CompletionRequest(messages=messages, samples=samples, **place) for messages, samples in questions]
        inbox: _Inbox = queue.SimpleQueue()
        try:
            for answer in self._answers(requests[0]) if len(requests) == 1 else _at_once([self._answers(r) for r in requests], inbox):
                record(answer)
                yield answer
        finally:
            while not inbox.empty():  # an interrupt: what had come by then is paid for
                if isinstance(left := inbox.get(), Answer):
                    record(left)

    def _answers(self, request: CompletionRequest) -> Iterator[Answer]:
        yield from self._run.expect(self._run.hooks.hook.eureka_complete(request=request), "eureka_complete", "one answer per sample")


def _at_once(sources: list[Iterator[Answer]], inbox: _Inbox) -> Iterator[Answer]:
    """What several iterators give, each read by a thread of its own, as it comes; a failure is raised after all others have ended."""

    def read(source: Iterator[Answer]) -> None:
        try:
            for answer in source:
                inbox.put(answer)
            inbox.put(None)
        except BaseException as error:
            inbox.put(error)

    for source in sources:
        # A daemon: an interrupted run does not wait for what a provider may never answer.
        threading.Thread(target=read, args=(source,), daemon=True).start()
    going, failure = len(sources), None
    while going:
        match inbox.get():
            case None:
                going -= 1
            case BaseException() as error:
                going, failure = going - 1, failure or error
            case answer:
                yield answer
    if failure is not None:
        raise failure


def storable(text: str) -> str:
    """Text the journal can hold: at most a million characters, and a lone surrogate, which UTF-8 has no form for, as a question mark."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode()
