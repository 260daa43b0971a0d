"""What a generator asks models through: every question is paid for within the budget, journalled, and never bought twice."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from eureka.budget import affordable, reached
from eureka.errors import BudgetReached, PluginContractError
from eureka.generator_types import Answer, CompletionRequest
from eureka.run import Run
from eureka.secret_values import refuse_secrets
from eureka.types import Asked, Completion, Message

_Inbox: TypeAlias = "queue.SimpleQueue[Answer | BaseException | None]"
_MAX_CHARACTERS = 1_000_000


class AskTools:
    """See `eureka.hookspecs.GenerateTools`. attempts: which attempt of a sample its next answer is; 0 where it is not there."""

    def __init__(self, run: Run, restart: int, iteration: int) -> None:
        self._run = run
        self._restart = restart
        self._iteration = iteration
        self.attempts: dict[int, int] = {}

    def ask(self, messages: tuple[Message, ...], samples: tuple[int, ...]) -> Iterable[Answer]:
        attempts: dict[int, list[int]] = {}
        for sample in samples:
            attempts.setdefault(self.attempts.get(sample, 0), []).append(sample)
        return self._ask([self._question(messages, mine, attempt) for attempt, mine in attempts.items()])

    def ask_each(self, questions: Mapping[int, tuple[Message, ...]]) -> Iterable[Answer]:
        return self._ask([self._question(messages, [sample], self.attempts.get(sample, 0)) for sample, messages in questions.items()])

    def _question(self, messages: tuple[Message, ...], samples: list[int], attempt: int) -> CompletionRequest:
        place = {"restart": self._restart, "iteration": self._iteration, "attempt": attempt}
        return CompletionRequest.model_validate({**place, "messages": messages, "samples": tuple(samples)})

    def _ask(self, questions: list[CompletionRequest]) -> Iterator[Answer]:
        run, unpaid = self._run, []
        for question in questions:
            for sample in question.samples:
                known = run.state.completions.get((self._restart, self._iteration, sample, question.attempt))
                if known is None:
                    unpaid.append(sample)
                else:  # bought before this host took over
                    yield Answer(sample=sample, **known.model_dump(include=set(Answer.model_fields) - {"sample"}))
        if not unpaid:
            return
        llm = run.config.llm
        if llm is None:
            raise PluginContractError("generator: asked a model and the config names none; give the generator `needs_llm = True`.")
        max_tokens = int(llm.options.get("max_tokens") or 0)
        payable, beyond = affordable(run.config, run.state, unpaid, max_tokens)
        wanted = [q.model_copy(update={"samples": tuple(s for s in q.samples if s in payable)}) for q in questions]
        yield from self._buy(llm.use, [q for q in wanted if q.samples], max_tokens)
        if beyond:
            caps = "; ".join(reached(run.config, run.state).values()) or "budget: nearly spent"
            raise BudgetReached(f"{caps}, {len(beyond)} more answers are not covered")

    def _buy(self, provider: str, questions: list[CompletionRequest], max_tokens: int) -> Iterator[Answer]:
        """Ask for answers, all conversations at once, journalling each question before and each answer as it comes."""
        run, started = self._run, time.time()
        for question in questions:  # all of them before the first is journalled: what is refused was not asked
            refuse_secrets(question.messages)
        for question in questions:
            run.record(Asked.model_validate({**question.model_dump(), "max_tokens": max_tokens, "time": started}))
        attempts = {sample: question.attempt for question in questions for sample in question.samples}

        def record(answer: Answer) -> None:
            place = {"restart": self._restart, "iteration": self._iteration, "attempt": attempts[answer.sample]}
            bought = {"provider": provider, "started": started, "ended": time.time()}
            run.record(Completion.model_validate({**answer.model_dump(), "text": storable(answer.text), **place, **bought}))

        inbox: _Inbox = queue.SimpleQueue()
        try:
            for answer in self._answers(questions[0]) if len(questions) == 1 else _at_once([self._answers(q) for q in questions], inbox):
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
