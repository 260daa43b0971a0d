"""The base of an `llm` that asks a provider over a network."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import ClassVar

from eureka.at_once import at_once
from eureka.component import Component, hookimpl
from eureka.errors import ConfigError, ModelFault
from eureka.generator_types import Answer, CompletionRequest, Price, Quote
from eureka.prices import price_of
from eureka.providers.deadline import Overdue, within
from eureka.providers.faults import safe_line
from eureka.providers.options import ProviderOptions

log = logging.getLogger("eureka")

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 8.0
_KEY = re.compile(r"[!-~]+")


class Passing(Exception):
    """An answer that broke off or makes no sense, though the provider had begun it: worth another try. Its text says what came."""


class Provider(Component):
    """A provider asked over a network: one call per sample, up to `parallel` at a time, for all conversations together.

    A subclass says in `name` what its provider is called in the price table, implements `call`, and overrides `key_env` where a
    key is needed, `fault` to word its library's exceptions, and `calls` where one call gives several answers. `call` must leave
    retries to its library (`max_retries`) and raise `Passing` where that has no part in it any more.
    """

    name: str
    Options: ClassVar[type[ProviderOptions]] = ProviderOptions
    options: ProviderOptions

    def __init__(self, options: ProviderOptions) -> None:
        super().__init__(options)
        self._slots = threading.BoundedSemaphore(options.parallel)
        self._warned: set[str] = set()
        self._sent: set[tuple[int, int, int, int]] = set()

    # ── What a provider fills in ─────────────────────────────────────────────────────────────────────────────────────

    def call(self, request: CompletionRequest, samples: tuple[int, ...]) -> Iterable[Answer]:
        """One call, which answers these samples: one, unless `calls` says otherwise. It may give fewer answers than asked."""
        raise NotImplementedError

    def calls(self, request: CompletionRequest) -> Iterator[Answer]:
        """All samples of a request, one call each."""
        yield from at_once([partial(self.tried, request, (sample,)) for sample in request.samples], self.options.parallel)

    def fault(self, error: Exception) -> Exception:
        """What to tell of an exception that `call` raised: a `ModelFault` (see `eureka.providers.fault`), or the exception itself."""
        return error

    @property
    def key_env(self) -> str | None:
        """The environment variable with the key; None where none is needed."""
        return None

    # ── What comes of it ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def key(self) -> str:
        """The key, without what a shell or a file left around it; empty where none is needed. Raises ConfigError."""
        if self.key_env is None:
            return ""
        value = os.environ.get(self.key_env, "").strip()
        if not value:
            raise ConfigError(
                f"llm.api_key_env: the environment variable {self.key_env} is not set, and {self.name} needs a key. "
                f"Set it: export {self.key_env}=…"
            )
        if not _KEY.fullmatch(value):  # no HTTP header can hold it
            raise ConfigError(
                f"llm.api_key_env: the value of the environment variable {self.key_env} has a space, a line break or another character "
                "that no key has. Copy the key once more."
            )
        return value

    @property
    def price(self) -> Price | None:
        """Of the model; None where no table has it."""
        return self.options.price or price_of(self.name, self.options.model, self.options.prices)

    def output_limit(self, request: CompletionRequest) -> int:
        """Most tokens of an answer to this request."""
        return min(self.options.max_tokens, request.max_tokens or self.options.max_tokens)

    def tried(self, request: CompletionRequest, samples: tuple[int, ...]) -> Iterator[Answer]:
        """`call` in one of the `parallel` slots; what broke off is tried again after the pauses the libraries make, too."""
        left = limit = self.options.deadline_s
        lost = 0
        for attempt in range(self.options.max_retries + 1):
            try:
                with self._slots:
                    started = time.monotonic()
                    self._sent.update(_places(request, samples))
                    answers = within(left, lambda: list(self.call(request, samples)))
                yield from (answer.model_copy(update={"lost_tries": answer.lost_tries + lost}) for answer in answers)
                return
            except Overdue:
                why = f"llm: {self.name} gave no whole answer in {limit:g} s, all tries included. Raise llm.deadline_s, or try later."
                raise _after(lost, ModelFault(why, samples=samples)) from None
            except Passing as error:
                if attempt == self.options.max_retries:
                    said = safe_line(str(error))
                    tries = f"{attempt + 1} tries" if attempt else "one try"
                    why = f"llm: {self.name} gave no whole answer in {tries}: {said}. Raise llm.max_retries, or try later."
                    raise _after(lost, ModelFault(why, samples=samples)) from None
                lost += 1
                time.sleep(min(_FIRST_DELAY * 2**attempt, _LONGEST_DELAY))
                left = max(0.0, left - (time.monotonic() - started))
            except Exception as error:
                told = self.fault(error)
                if told is error:
                    raise
                if isinstance(told, ModelFault):
                    told.samples = samples
                    _after(lost, told)
                raise told from None  # a library's words may hold the key

    def warn_once(self, message: str) -> None:
        """Tell the user, the first time."""
        if message not in self._warned:
            self._warned.add(message)
            log.warning("%s", message)

    @hookimpl
    def eureka_quote(self, request: CompletionRequest) -> Mapping[int, Quote]:
        quote = Quote(provider=self.name, model=self.options.model, max_tokens=self.output_limit(request), price=self.price)
        return dict.fromkeys(request.samples, quote)

    @hookimpl
    def eureka_not_sent(self, request: CompletionRequest) -> list[int]:
        return [sample for sample in request.samples if not self._sent.intersection(_places(request, (sample,)))]

    @hookimpl
    def eureka_check_llm(self) -> None:
        assert self.key is not None

    @hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        return self.calls(request)


def _places(request: CompletionRequest, samples: tuple[int, ...]) -> set[tuple[int, int, int, int]]:
    return {(request.restart, request.iteration, sample, request.attempt) for sample in samples}


def _after(lost: int, fault: ModelFault) -> ModelFault:
    """The fault of a call whose tries before broke off: they may be billed whatever the last came to."""
    billed = lost + fault.billed
    fault.billed, fault.lost_tries = billed > 0, max(0, billed - 1)
    return fault
