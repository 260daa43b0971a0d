"""The `llm` for OpenAI and every server that speaks its Chat Completions format."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from eureka.at_once import at_once
from eureka.component import hookimpl
from eureka.events import StageStart
from eureka.generator_types import Answer, CompletionRequest
from eureka.providers import Provider, safe_line
from eureka.providers.deadline import Overdue, within
from eureka.providers.provider import Passing
from eureka.tokens import about
from eureka.types import Message
from eureka_openai import faults
from eureka_openai.client import connect, load
from eureka_openai.completion import MALFORMED, Told, gather, read
from eureka_openai.dialect import Dialect
from eureka_openai.options import OpenAIOptions
from eureka_openai.presets import is_openai
from eureka_openai.usage import Used, used

if TYPE_CHECKING:
    from openai import OpenAI

_UNLOAD_S = 30.0


class OpenAILLM(Provider):
    """Ask a model of OpenAI, of Azure, or of any server that speaks Chat Completions."""

    Options = OpenAIOptions
    options: OpenAIOptions

    def __init__(self, options: OpenAIOptions) -> None:
        super().__init__(options)
        self.name = options.called
        newer = options.azure is not None or is_openai(options.url)
        self._dialect = Dialect("max_completion_tokens" if newer else "max_tokens", options.tries_n, forced=options.use_n is True)
        self._client: OpenAI | None = None
        self._connecting = threading.Lock()

    @property
    def key_env(self) -> str | None:
        return self.options.key_env

    @property
    def client(self) -> OpenAI:
        """The SDK's client, made when it is first needed."""
        with self._connecting:
            if self._client is None:
                self._client = connect(self.options, self.key)
            return self._client

    def calls(self, request: CompletionRequest) -> Iterator[Answer]:
        """All samples in one call as long as the server does that; what is missing then by single calls."""
        missing = list(request.samples)
        while len(missing) > 1 and self._dialect.n:
            for answer in self.tried(request, tuple(missing)):
                missing.remove(answer.sample)
                yield answer
        yield from at_once([partial(self.tried, request, (sample,)) for sample in missing], self.options.parallel)

    def call(self, request: CompletionRequest, samples: tuple[int, ...]) -> list[Answer]:
        from openai import APIStatusError

        wanted = self._wanted(request, len(samples))
        while True:  # each time with less, or with another name, until the server takes it
            worded = self._dialect.worded(wanted)
            try:
                return self._answers(request, samples, self._send(worded))
            except APIStatusError as error:
                if error.status_code not in (400, 422, 500, 501):
                    raise
                words = faults.words(error)
                param = error.param if isinstance(error.param, str) else None
                if gone := self._dialect.learn(worded, param, f"{words} {error.code or ''}"):
                    said = safe_line(words)
                    self.warn_once(f'llm: {self.options.model} does not take {gone}, which is left out from now on. It says: "{said}"')
                if len(samples) > 1 and not self._dialect.n:
                    return []
                if self._dialect.worded(wanted) == worded:
                    raise

    @hookimpl
    def eureka_check_llm(self) -> None:
        super().eureka_check_llm()
        # Loading the SDK takes a second, which passes unseen while the run is still being set up.
        threading.Thread(target=load, daemon=True).start()

    def fault(self, error: Exception) -> Exception:
        return faults.fault_of(error, self.options, self.name)

    @hookimpl
    def eureka_on_stage(self, event: StageStart) -> None:
        """Have Ollama free the model's memory before training needs it. `keep_alive: 0` without a prompt asks for that and nothing else."""
        if event.stage != "train" or self.options.keep_alive is None:
            return
        from openai import OpenAIError

        url = f"{self.options.url.removesuffix('/v1')}/api/generate"
        body = {"model": self.options.model, "keep_alive": 0}
        try:
            within(_UNLOAD_S, lambda: self.client.post(url, body=body, cast_to=object, options={"timeout": _UNLOAD_S, "max_retries": 0}))
        except OpenAIError as error:
            self.warn_once(f"{self.fault(error)} The model stays in memory while training goes on.")
        except (Overdue, *MALFORMED):
            self.warn_once(f"llm.keep_alive: {url} does not answer as Ollama does. The model stays in memory while training goes on.")

    def _wanted(self, request: CompletionRequest, count: int) -> dict[str, Any]:
        options = self.options
        wanted: dict[str, Any] = {
            "model": (options.azure and options.azure.deployment) or options.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_tokens": self.output_limit(request),
            "temperature": options.temperature,
            "reasoning_effort": options.reasoning_effort,
            "n": count if count > 1 else None,
            "stream_options": {"include_usage": True} if options.stream else None,
            "extra_body": options.extra_body or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def _send(self, worded: dict[str, Any]) -> Told:
        create: Any = self.client.chat.completions.create
        if self.options.stream:
            with create(stream=True, **worded) as chunks:
                return gather(chunks)
        try:
            return read(create(**worded))
        except MALFORMED as error:
            raise Passing(f"malformed JSON: {error}") from None

    def _answers(self, request: CompletionRequest, samples: tuple[int, ...], told: Told) -> list[Answer]:
        if len(told.choices) < len(samples):
            self._dialect.gave_fewer()
        model = safe_line(told.model) or self.options.model
        spent = self._spent(request, told)
        choices = told.choices[: len(samples)]
        return [
            Answer(sample=sample, text=choice.text or choice.refusal, model=model, finish_reason=safe_line(choice.reason), **share)
            for sample, choice, share in zip(samples, choices, spent.shares(len(choices)), strict=False)
        ]

    def _spent(self, request: CompletionRequest, told: Told) -> Used:
        """What the call used; a fair guess where the server does not say."""
        spent = used(told.usage)
        if spent is None:
            self.warn_once(f"llm: {self.options.url} tells no token usage. Tokens and cost are estimated, at four bytes a token.")
            written = [Message(role="assistant", content=choice.text) for choice in told.choices]
            return Used(about(request.messages), about(written))
        if spent.written > self.options.max_tokens * len(told.choices):
            self.warn_once(f"llm: {self.options.model} writes more than llm.max_tokens, so that caps of `budget` may be overrun.")
        # OpenRouter alone tells its cost in dollars, and a price of the user's own goes before it.
        return spent if self.name == "openrouter" and self.options.price is None else spent._replace(cost_usd=None)
