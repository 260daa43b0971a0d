"""What a config may say of an OpenAI-like server."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from eureka.component import Options
from eureka.providers import ProviderOptions
from eureka.providers.options import EnvironmentKey, ServerURL, without_secret_names
from eureka_openai.presets import AZURE_KEY, OPENAI, PRESETS, is_openai

_OURS = {
    "model", "messages", "n", "stream", "stream_options", "temperature", "reasoning_effort", "max_tokens", "max_completion_tokens"
}  # fmt: skip


class AzureOptions(Options):
    """A model that Azure serves."""

    endpoint: ServerURL = Field(description="Of your resource, such as https://my-resource.openai.azure.com.")
    deployment: str | None = Field(None, min_length=1, description="The deployment's name; null: as `model`.")
    api_version: str | None = Field(None, min_length=1, description="A dated version such as 2024-10-21; null: the v1 API, without dates.")


class OpenAIOptions(ProviderOptions):
    """Of `llm: openai`."""

    preset: Literal["ollama", "vllm", "lmstudio", "openrouter", "gemini", "deepseek"] | None = Field(
        None, description="A server known by name; null: OpenAI, or what base_url or azure says."
    )
    base_url: ServerURL | None = Field(None, description="The server's address, up to what comes before /chat/completions.")
    azure: AzureOptions | None = Field(None, description="For models on Azure; `model` then names the model for its price.")
    api_key_env: EnvironmentKey | None = Field(
        None, description="The environment variable with the key; null: the one the provider's own tools read. See the README."
    )
    reasoning_effort: str | None = Field(None, min_length=1, description="How long to think, in the provider's words; null: its default.")
    organization: str | None = Field(None, min_length=1, description="OpenAI's organization to bill; null: the key's own.")
    project: str | None = Field(None, min_length=1, description="OpenAI's project to bill; null: the key's own.")
    use_n: bool | None = Field(
        None, description="Ask for all samples of a prompt in one call (n=): always, never, or (null) as long as the server does it."
    )
    stream: bool = Field(False, description="Have the answer sent piece by piece: timeout_s then counts from the last piece.")
    keep_alive: Literal[0] | None = Field(
        None, description="0: have Ollama free the model's memory when training begins; null: it does so when its own time is up."
    )
    extra_body: Annotated[dict[str, Any], AfterValidator(without_secret_names)] = Field(
        {}, description="More of the request, as this server takes it, such as {top_p: 0.9}; no secrets."
    )

    @model_validator(mode="after")
    def _go_together(self) -> OpenAIOptions:
        if self.azure is not None:
            for name in ("preset", "base_url"):
                if getattr(self, name) is not None:
                    raise ValueError(f"azure and {name} exclude each other: each names a server; leave one of them out")
        if self.keep_alive is not None and self.preset != "ollama":
            raise ValueError("keep_alive is for `preset: ollama` alone, as no other server takes it; leave it out")
        if ours := sorted(_OURS & self.extra_body.keys()):
            raise ValueError(f"extra_body holds {', '.join(ours)}, for which there are options of their own (n: use_n); move it there")
        return self

    @property
    def called(self) -> str:
        """What the provider is called in price tables."""
        return "azure" if self.azure is not None else self.preset or "openai"

    @property
    def url(self) -> str:
        """The server's address."""
        if self.azure is not None:
            return self.azure.endpoint if self.azure.api_version else f"{self.azure.endpoint}/openai/v1"
        return self.base_url or (PRESETS[self.preset] if self.preset else OPENAI).base_url

    @property
    def url_setting(self) -> str:
        """The setting with the server's address."""
        return "llm.azure" if self.azure is not None else "llm.base_url"

    @property
    def key_env(self) -> str | None:
        """The variable the key is in; None where none is needed. A server of one's own gets OpenAI's key where there is one."""
        if self.api_key_env is not None:
            return self.api_key_env
        if self.azure is not None:
            return AZURE_KEY
        if self.preset is not None:
            return PRESETS[self.preset].key_env
        return OPENAI.key_env if is_openai(self.url) or os.environ.get(OPENAI.key_env or "", "").strip() else None

    @property
    def tries_n(self) -> bool:
        """Whether several answers are asked for in one call to begin with."""
        return self.use_n if self.use_n is not None else PRESETS[self.preset].n if self.preset is not None else True
