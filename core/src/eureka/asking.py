"""What a generator asks models through: every question is paid for within the budget, journalled, and never bought twice."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial

from eureka.at_once import at_once
from eureka.budget import Most, affordable, cap_in_words, most_of
from eureka.builtin.outside_text import one_line
from eureka.completion_key import asked_with, completion_key
from eureka.errors import BudgetReached, ModelFault, PluginContractError, RunStopped
from eureka.generator_types import Answer, CompletionRequest, Quote
from eureka.run import Run
from eureka.secret_values import refuse_secrets, without_secrets
from eureka.spending import counted
from eureka.types import Asked, Completion, Fault, Message

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
        known, unpaid = self._run.state.completions, list[CompletionRequest]()
        for question in questions:
            bought = {s: found for s in question.samples if (found := known.get((self._restart, self._iteration, s, question.attempt)))}
            for sample, answer in bought.items():  # before this host took over
                yield Answer(sample=sample, **answer.model_dump(include=set(Answer.model_fields) - {"sample"}))
            unpaid += _of([question], [s for s in question.samples if s not in bought])
        if not unpaid:
            return
        if self._run.config.llm is None:
            raise PluginContractError("generator: asked a model and the config names none; give the generator `needs_llm = True`.")
        most = {sample: one for question in unpaid for sample, one in self._most(question).items()}
        while most:  # a cap that does not cover them all at their most may cover more once the first are there
            payable = affordable(self._run.config, self._run.state, most)
            if not payable:
                cap = cap_in_words(self._run.config, self._run.state, most)
                raise BudgetReached(f"{cap}, {counted(len(most), 'more answer')} not covered")
            yield from self._buy(_of(unpaid, payable), most)
            most = {sample: one for sample, one in most.items() if sample not in payable}

    def _most(self, question: CompletionRequest) -> dict[int, Most]:
        """What each sample may come to."""
        quotes = self._run.hooks.hook.eureka_quote(request=question) or {}
        return {sample: most_of(question, quotes.get(sample, Quote())) for sample in question.samples}

    def _buy(self, questions: list[CompletionRequest], most: Mapping[int, Most]) -> Iterator[Answer]:
        """Ask for answers, all conversations at once, journalling each question before and each answer as it comes."""
        run, started = self._run, time.time()
        assert run.config.llm is not None
        provider, parameters = run.config.llm.use, asked_with(run.config.llm)
        for question in questions:  # all of them before the first is journalled: what is refused was not asked
            refuse_secrets(question.messages)
        by_sample = {sample: question for question in questions for sample in question.samples}
        for question in questions:
            tokens = max(most[sample].tokens for sample in question.samples)
            cost = max((most[sample].cost_usd or 0.0 for sample in question.samples if most[sample].price is not None), default=None)
            limits = {"parameters": parameters, "max_tokens": tokens, "max_cost_usd": cost}
            run.record(Asked.model_validate({**question.model_dump(exclude={"max_tokens"}), **limits, "time": started}))

        def record(answer: Answer) -> None:
            question = by_sample.get(answer.sample)
            if question is None:
                raise PluginContractError(f"llm: answered sample {answer.sample}; expected one of {sorted(by_sample)}.")
            price, answer = most[answer.sample].price, _told(answer)
            spent = answer.cost_usd
            place = {"restart": self._restart, "iteration": self._iteration, "attempt": question.attempt}
            told = {**answer.model_dump(), "provider": answer.provider or provider}
            told["cost_usd"] = spent if spent is not None else price.of(answer) if price is not None else None
            at = (self._restart, self._iteration, answer.sample, question.attempt)
            told["key"] = completion_key(told["provider"], answer.model, parameters, question.messages, at)
            run.record(Completion.model_validate({**told, **place, "started": started, "ended": time.time()}))
            del by_sample[answer.sample]

        def record_left(answer: Answer) -> None:
            if answer.sample in by_sample:
                record(answer)

        try:
            with closing(at_once([partial(self._answers, q) for q in questions], len(questions), on_left=record_left)) as answers:
                for answer in answers:
                    record(answer)
                    yield answer
        except ModelFault as fault:
            billed = [sample for sample in by_sample if fault.may_bill(sample)]
            self._record_fault(_of(questions, billed), str(fault), True, fault.lost_tries)
            self._record_fault(_of(questions, by_sample.keys() - set(billed)), str(fault), False)
            kept = f"{len(most) - len(by_sample)} of {len(most)} answers are there and kept"
            raise RunStopped(f"{str(fault).rstrip('.')}. {kept}. Go on with: eureka resume {run.dir}") from None
        except BaseException:  # it was left, as by Ctrl-C
            for question in _of(questions, by_sample):
                unsent = run.hooks.hook.eureka_not_sent(request=question) or ()
                self._record_fault(_of([question], unsent), "left before it was sent", False)
            raise
        if by_sample:
            raise PluginContractError(f"llm: gave no answer for sample(s) {sorted(by_sample)}; expected an answer or a `ModelFault`.")

    def _record_fault(self, questions: list[CompletionRequest], message: str, billed: bool, lost_tries: int = 0) -> None:
        for question in questions:
            place = question.model_dump(include={"restart", "iteration", "samples", "attempt"})
            told = {"message": message, "billed": billed, "lost_tries": lost_tries, "time": time.time()}
            self._run.record(Fault.model_validate({**place, **told}))

    def _answers(self, request: CompletionRequest) -> Iterator[Answer]:
        yield from self._run.expect(self._run.hooks.hook.eureka_complete(request=request), "eureka_complete", "one answer per sample")


def _of(questions: Iterable[CompletionRequest], samples: Collection[int]) -> list[CompletionRequest]:
    """The questions reduced to these samples; those left without any are gone."""
    reduced = [q.model_copy(update={"samples": tuple(s for s in q.samples if s in samples)}) for q in questions]
    return [q for q in reduced if q.samples]


def _told(answer: Answer) -> Answer:
    """An answer as it is kept, whatever the server said: text without keys, names on one line, no number that would lower the bill."""
    words = {name: one_line(storable(getattr(answer, name))) for name in ("provider", "model", "finish_reason")}
    tokens = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens")
    numbers = {name: max(0, getattr(answer, name)) for name in tokens}
    cost = answer.cost_usd if answer.cost_usd is not None and 0 <= answer.cost_usd < math.inf else None
    return answer.model_copy(update={"text": storable(answer.text), "cost_usd": cost, **words, **numbers})


def storable(text: str) -> str:
    """Text the journal can hold: at most a million characters, no key, and a lone surrogate, which UTF-8 has no form for, as `?`."""
    return without_secrets(text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode())
