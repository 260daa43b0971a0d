"""A model with a price, which names its provider and tells tokens but leaves the cost to core, as real ones do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

import eureka
from eureka.errors import ConfigError, ModelFault
from eureka.generator_types import Answer, CompletionRequest, Price, Quote
from eureka.user_code import load_file

RecitingLLM = load_file(Path(__file__).with_name("parts.py")).RecitingLLM


class PricedLLM(RecitingLLM):
    """Recites at a price. tokens: read and written by each answer. fault: refuses every question. key: a variable that must be set."""

    class Options(RecitingLLM.Options):
        model: str = "m-1"
        price: Price | None = None
        tokens: tuple[int, int] = Field((1000, 200))
        fault: str = ""
        key: str = ""

    @eureka.hookimpl
    def eureka_check_llm(self) -> None:
        if self.options.key and not os.environ.get(self.options.key):
            raise ConfigError(f"llm.key: the environment variable {self.options.key} is not set.")

    @eureka.hookimpl
    def eureka_quote(self, request: CompletionRequest) -> dict[int, Quote]:
        limit = min(self.options.max_tokens, request.max_tokens or self.options.max_tokens)
        quote = Quote(provider="acme", model=self.options.model, max_tokens=limit, price=self.options.price)
        return dict.fromkeys(request.samples, quote)

    @eureka.hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterator[Answer]:
        if self.options.fault:
            raise ModelFault(self.options.fault, billed=False)
        read, wrote = self.options.tokens
        for answer in super().eureka_complete(request):
            used = {"input_tokens": read, "cached_input_tokens": read // 2, "output_tokens": wrote, "cost_usd": None}
            yield answer.model_copy(update={"provider": "acme", "model": self.options.model, **used})
