"""The component: one `litellm.completion` per sample."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from eureka.builtin.outside_text import one_line, plain
from eureka.component import hookimpl
from eureka.errors import ConfigError, ModelFault
from eureka.generator_types import Answer, CompletionRequest, Price
from eureka.prices import price_of
from eureka.providers import Provider, fault
from eureka.providers.provider import Passing
from eureka.providers.waits import asked_wait, too_long
from eureka.secret_values import without_secrets
from eureka.tokens import about
from eureka.types import Message
from eureka_litellm.answers import read
from eureka_litellm.catalogue import missing_keys, price_in, provider_of, refused_by
from eureka_litellm.causes import cause_of
from eureka_litellm.library import library
from eureka_litellm.options import LiteLLMOptions


class LiteLLM(Provider):
    """Ask a model of any provider through the LiteLLM library."""

    Options = LiteLLMOptions
    options: LiteLLMOptions
    name = "litellm"

    @property
    def key_env(self) -> str | None:
        return self.options.api_key_env

    @property
    def price(self) -> Price | None:
        return self._own_price or self._listed_price

    @cached_property
    def _own_price(self) -> Price | None:
        return self.options.price or price_of(self.name, self.options.model, self.options.prices)

    @cached_property
    def _listed_price(self) -> Price | None:
        return price_in(library(), self.options.model)

    @hookimpl
    def eureka_check_llm(self) -> None:
        assert self.key is not None
        litellm = library()
        provider, _ = provider_of(litellm, self.options.model)
        if self.options.api_key_env is None and (missing := missing_keys(litellm, self.options.model)):
            raise ConfigError(
                f"llm.api_key_env: the environment variable {' or '.join(missing)} is not set, and {provider} needs a key. "
                f"Set it: export {missing[0]}=… (or name another variable in llm.api_key_env)"
            )

    def call(self, request: CompletionRequest, samples: tuple[int, ...]) -> Iterator[Answer]:
        litellm, most = library(), self.options.max_retries
        arguments = self._arguments(request)
        for attempt in range(most + 1):
            try:
                response = litellm.completion(**arguments)
                break
            except Exception as error:
                cause = cause_of(error)
                if cause.senseless:
                    raise Passing(f"its answer is not of the provider's form ({cause.said})") from error
                passing = cause.unreached or (cause.status is not None and litellm._should_retry(cause.status))
                if attempt == most or not passing or too_long(cause.headers):
                    raise
                # The library has this back-off for its router; what it does for a single call needs a further package, and does not pause.
                wait = asked_wait(cause.headers)
                time.sleep(wait if wait is not None and wait > 0 else litellm._calculate_retry_after(most - attempt, most))
        yield self._billed(read(response, samples[0], self.options.model), request)

    def fault(self, error: Exception) -> Exception:
        if isinstance(error, (ConfigError, ModelFault)):
            return error
        cause, model = cause_of(error), self.options.model
        provider = f"{model.partition('/')[0]} (through litellm)"
        if cause.status is None and not cause.unreached:
            said = one_line(without_secrets(plain(f"{type(error).__name__}: {cause.said}")), 300)
            return ModelFault(f'llm: litellm could not ask {model}. Look at the options of llm. It says: "{said}"')
        return fault(
            provider,
            model=model,
            url=cause.url or "its address",
            key_env=self.options.api_key_env or self._own_key_env,
            max_retries=self.options.max_retries,
            status=cause.status,
            error=error,
            detail=cause.said,
            headers=cause.headers,
        )

    @property
    def _own_key_env(self) -> str | None:
        """The variable litellm most likely took the key from."""
        name = f"{self.options.model.partition('/')[0].upper()}_API_KEY"
        return name if name in os.environ else None

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        """What is asked for besides text and length, without what the model is known not to take."""
        options = self.options
        asked = {name: value for name in ("temperature", "reasoning_effort") if (value := getattr(options, name)) is not None}
        for name in refused_by(library(), options.model, asked, options.extra):
            value = asked.pop(name)
            self.warn_once(
                f"llm.{name}: {value!r} is left out: as litellm knows {options.model}, it does not take it. "
                f"Set llm.{name} to null, or have it sent: extra: {{allowed_openai_params: [{name}]}}"
            )
        return asked

    def _arguments(self, request: CompletionRequest) -> dict[str, Any]:
        options = self.options
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        settings = {"timeout": options.timeout_s, "max_retries": 0, "drop_params": True, "api_key": self.key or None}
        return {
            **options.extra,
            **self._parameters,
            **settings,
            "model": options.model,
            "messages": messages,
            "max_tokens": self.output_limit(request),
            "api_base": options.base_url,
        }

    def _billed(self, answer: Answer, request: CompletionRequest) -> Answer:
        """With litellm's bill only where its table has the price and the user has none; with a guess where no usage was told."""
        if not answer.input_tokens and not answer.output_tokens:
            self.warn_once(f"llm: {self.options.model} tells no token usage. Tokens and cost are estimated, at four bytes a token.")
            written = about([Message(role="assistant", content=answer.text)])
            return answer.model_copy(update={"input_tokens": about(request.messages), "output_tokens": written, "cost_usd": None})
        if self._own_price is None and self._listed_price is not None:
            return answer
        return answer.model_copy(update={"cost_usd": None})
