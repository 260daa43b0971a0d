"""The SDK's client for what a config says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eureka_openai.options import OpenAIOptions
from eureka_openai.presets import is_openai

if TYPE_CHECKING:
    from openai import OpenAI

_NO_KEY = "none"
"""Sent where no key is needed; the SDK insists on one."""
_CONNECT_S = 30.0


def load() -> None:
    """Import all that the first call needs."""
    import openai.resources.chat  # noqa: F401


def connect(options: OpenAIOptions, key: str) -> OpenAI:
    """A client; it may be used by many threads. Sends nothing yet."""
    from openai import AzureOpenAI, OpenAI, Timeout

    timeout, key = Timeout(options.timeout_s, connect=min(options.timeout_s, _CONNECT_S)), key or _NO_KEY
    if options.azure is not None and options.azure.api_version is not None:
        client: OpenAI = AzureOpenAI(
            azure_endpoint=options.azure.endpoint,
            api_version=options.azure.api_version,
            api_key=key,
            organization=options.organization,
            timeout=timeout,
            max_retries=options.max_retries,
        )
    else:  # The address is always given: the SDK would take another from the environment, and the config is to say who is asked.
        client = OpenAI(
            base_url=options.url,
            api_key=key,
            organization=options.organization,
            project=options.project,
            timeout=timeout,
            max_retries=options.max_retries,
        )
    if not is_openai(options.url):  # what the SDK found in the environment is for OpenAI alone
        client.organization, client.project = options.organization, options.project
    client._custom_headers = {}  # of OPENAI_CUSTOM_HEADERS, which go to every server and before the key; no argument says so
    return client
