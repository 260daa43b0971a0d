"""`llm: anthropic`: Anthropic's models, through its Messages API and its own library."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from eureka.generator_types import Answer, CompletionRequest, Price
from eureka.providers import Provider, ProviderOptions, fault
from eureka.providers.waits import too_long
from eureka_anthropic.answers import read
from eureka_anthropic.conversation import conversation, shared
from eureka_anthropic.faults import known_fault
from eureka_anthropic.options import AnthropicOptions, ThinkingBudget
from eureka_anthropic.warm_up import WarmUp

if TYPE_CHECKING:
    from anthropic import Anthropic

_OWN_URL = "https://api.anthropic.com"
_CONNECT_S = 20.0
_WITH_TEMPERATURE = "2023-06-01"
"""The version of the API that still takes a temperature; the library asks for a later one, which refuses it for every model."""
_WRITE, _READ = 1.25, 0.1
"""What a cached token costs next to one that is read; of some models reading costs less still."""


class AnthropicLLM(Provider):
    """Ask a model of Anthropic's. Samples of one prompt share it in the provider's cache."""

    name = "anthropic"
    Options: ClassVar[type[ProviderOptions]] = AnthropicOptions
    options: AnthropicOptions

    def __init__(self, options: AnthropicOptions) -> None:
        super().__init__(options)
        self._warm_up = WarmUp()
        self._takes_temperature = True

    @property
    def key_env(self) -> str:
        return self.options.api_key_env

    @property
    def price(self) -> Price | None:
        price = super().price
        if price is None:
            return None
        cached = price.input * _READ if price.cached_input is None else price.cached_input
        write = price.input * _WRITE if price.cache_write is None else price.cache_write
        return price.model_copy(update={"cached_input": cached, "cache_write": write})

    @property
    def _url(self) -> str:
        """Never left to the library, which would take another from the environment: the config is to say who is asked."""
        return self.options.base_url or _OWN_URL

    @cached_property
    def _client(self) -> Anthropic:
        import anthropic

        timeout = anthropic.Timeout(self.options.timeout_s, connect=min(self.options.timeout_s, _CONNECT_S))
        client = anthropic.Anthropic(
            api_key=self.key,
            base_url=self._url,
            timeout=timeout,
            max_retries=self.options.max_retries,
            http_client=anthropic.DefaultHttpxClient(timeout=timeout, event_hooks={"response": [_not_for_hours]}),
        )
        client._custom_headers = {}  # of ANTHROPIC_CUSTOM_HEADERS, which go before the key; no argument says so
        return client

    def tried(self, request: CompletionRequest, samples: tuple[int, ...]) -> Iterator[Answer]:
        with self._warm_up.turn(shared(request)) if self.options.cache else nullcontext():
            yield from super().tried(request, samples)

    def call(self, request: CompletionRequest, samples: tuple[int, ...]) -> Iterator[Answer]:
        import anthropic

        try:
            yield self._ask(request, samples[0])
        except anthropic.BadRequestError as error:
            if self._temperature is None or "temperature" not in str(error.body):
                raise
            self._takes_temperature = False
            self.warn_once(f"llm.temperature: {self.options.model} takes none; it is asked without.")
            yield self._ask(request, samples[0])

    def _ask(self, request: CompletionRequest, sample: int) -> Answer:
        started = time.monotonic()
        # Always a stream: the library refuses answers that may take long in one piece.
        with self._client.messages.stream(**self._parameters(request), **conversation(request, self.options.cache)) as stream:
            return read(stream, sample, lambda: self._warm_up.answered(shared(request), started))

    def _parameters(self, request: CompletionRequest) -> dict[str, Any]:
        options, most = self.options, self.output_limit(request)
        given: dict[str, Any] = {"model": options.model, "max_tokens": most}
        if isinstance(options.thinking, ThinkingBudget):
            if options.thinking.budget_tokens < most:  # else no room for it, in a question that asks for less than the options allow
                given["thinking"] = {"type": "enabled", "budget_tokens": options.thinking.budget_tokens}
        elif options.thinking is not None:
            given["thinking"] = {"type": options.thinking}
        if options.effort is not None:
            given["output_config"] = {"effort": options.effort}
        if self._temperature is not None:
            given["extra_body"] = {"temperature": self._temperature}
            given["extra_headers"] = {"anthropic-version": _WITH_TEMPERATURE}
        return given

    @property
    def _temperature(self) -> float | None:
        """What is sent: none to a model that refused it, and none with thinking, which the API has at 1 only."""
        if self.options.temperature is None or not self._takes_temperature:
            return None
        if self.options.thinking == "adaptive" or isinstance(self.options.thinking, ThinkingBudget):
            self.warn_once("llm.temperature: has no effect together with llm.thinking; the model is asked without.")
            return None
        return self.options.temperature

    def fault(self, error: Exception) -> Exception:
        known = known_fault(error)
        if known is None:
            return error
        return fault(
            self.name,
            model=self.options.model,
            url=self._url,
            key_env=self.key_env,
            max_retries=self.options.max_retries,
            status=known.status,
            error=error,
            detail=known.detail,
            unpaid=known.unpaid,
            headers=known.headers,
        )


def _not_for_hours(response: Any) -> None:
    """Have the library, which waits for as long as it is told, not try again where that is too long."""
    if too_long(response.headers):
        response.headers["x-should-retry"] = "false"
