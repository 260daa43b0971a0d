"""The options of `llm: anthropic`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from eureka import Options
from eureka.providers import ProviderOptions
from eureka.providers.options import EnvironmentKey, ServerURL


class ThinkingBudget(Options):
    """A fixed amount of thinking, which models up to Claude 4.6 take."""

    budget_tokens: int = Field(ge=1024, description="Most tokens of thinking before an answer.")


class AnthropicOptions(ProviderOptions):
    """What is asked of a model of Anthropic's, and how."""

    temperature: float | None = Field(
        None, ge=0, le=1, description="Of sampling; null: the API's own, 1. Models after Claude 4.6 take none; it is dropped there."
    )
    max_tokens: int = Field(
        16384, ge=16, description="Most tokens of one answer, thinking included, which newer models do unasked; what a budget sets aside."
    )
    thinking: Literal["adaptive", "disabled", "between_tools"] | ThinkingBudget | None = Field(
        None, description="adaptive, disabled, between_tools, or {budget_tokens: N}, as far as the model takes it; null: its own default."
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        None, description="How much a model thinks and writes; null: its own default."
    )
    cache: bool = Field(
        True, description="Let samples of one prompt share it in the provider's cache: the first goes ahead, then the rest."
    )
    base_url: ServerURL | None = Field(None, description="Of a server that speaks the Messages API; null: Anthropic's own.")
    api_key_env: EnvironmentKey = Field("ANTHROPIC_API_KEY", description="The environment variable with the key.")

    @field_validator("thinking")
    @classmethod
    def _room_for_an_answer(cls, thinking: object, info: ValidationInfo) -> object:
        most = info.data.get("max_tokens")
        if isinstance(thinking, ThinkingBudget) and most is not None and thinking.budget_tokens >= most:
            raise ValueError(
                f"budget_tokens ({thinking.budget_tokens}) leaves no room for an answer: max_tokens ({most}) counts thinking too. "
                f"Raise max_tokens above {thinking.budget_tokens}, or lower budget_tokens (at least 1024)"
            )
        return thinking
