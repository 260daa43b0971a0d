"""From a response of litellm to an answer of ours."""

from __future__ import annotations

from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.generator_types import Answer
from eureka.providers.provider import Passing


def read(response: Any, sample: int, model: str) -> Answer:
    """The answer, with the cost as litellm reckons it from its own table. Raises Passing where it holds none.

    All tokens are 0 where the provider told no usage.
    """
    if not response.choices:
        raise Passing("no choice in it")
    choice, usage = response.choices[0], getattr(response, "usage", None)
    text, refusal = choice.message.content, getattr(choice.message, "refusal", None)
    refused = choice.finish_reason == "content_filter" or (refusal and not text)
    details = getattr(usage, "prompt_tokens_details", None)
    return Answer(
        sample=sample,
        text=text or refusal or "",
        model=one_line(response.model or model),
        finish_reason="refusal" if refused else choice.finish_reason or "",
        input_tokens=getattr(usage, "prompt_tokens", None) or 0,
        cached_input_tokens=getattr(details, "cached_tokens", None) or 0,
        cache_write_tokens=getattr(details, "cache_creation_tokens", None) or 0,
        output_tokens=getattr(usage, "completion_tokens", None) or 0,
        cost_usd=response._hidden_params.get("response_cost"),
    )
