"""The options of `llm: litellm`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from eureka.providers import ProviderOptions
from eureka.providers.options import EnvironmentKey, without_secret_names

_OPTIONS = {
    "api_base": "base_url",
    "api_key": "api_key_env",
    "base_url": "base_url",
    "max_completion_tokens": "max_tokens",
    "max_retries": "max_retries",
    "max_tokens": "max_tokens",
    "model": "model",
    "num_retries": "max_retries",
    "reasoning_effort": "reasoning_effort",
    "temperature": "temperature",
    "timeout": "timeout_s",
}
_CORES = ("messages", "n", "stream")
_ADDRESS = re.compile(r"https?://[^\s@?#]+")


def _passed_through(extra: dict[str, Any]) -> dict[str, Any]:
    for name in extra:
        if name in _OPTIONS:
            raise ValueError(f"{name} is an option of its own: llm.{_OPTIONS[name]}")
        if name in _CORES:
            raise ValueError(f"{name} is not yours to set: each sample is one call of its own")
    return without_secret_names(extra)


def _server(url: str) -> str:
    if not _ADDRESS.fullmatch(url):  # which may hold a key: not said again
        raise ValueError("is no plain address of a server, such as http://localhost:8000/v1; a key belongs in a variable: see api_key_env")
    return url


class LiteLLMOptions(ProviderOptions):
    """See the plugin's README for examples."""

    model: str = Field(
        min_length=1, description="The model's name as litellm writes it: PROVIDER/MODEL, such as groq/llama-3.3-70b-versatile."
    )
    api_key_env: EnvironmentKey | None = Field(
        None, description="The environment variable with the key; null: litellm looks in the provider's own, such as GROQ_API_KEY."
    )
    base_url: Annotated[str, AfterValidator(_server)] | None = Field(
        None, description="The server's address, where it is not the provider's own."
    )
    reasoning_effort: str | None = Field(None, min_length=1, description="How long a reasoning model thinks: low, medium, high …")
    extra: Annotated[dict[str, Any], AfterValidator(_passed_through)] = Field(
        default_factory=dict, description="Further arguments of litellm.completion, passed through as they are; no secrets."
    )
