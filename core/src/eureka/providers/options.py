"""The options every provider has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from eureka.component import ConfigPath, Options
from eureka.generator_types import Price
from eureka.pasted_keys import without_keys

_KEY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(_KEY|_TOKEN|_SECRET)", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"^key$|(api|access|private)[_-]?key|secret|password|credential|authorization|(^|[_-]|access|auth)token$", re.IGNORECASE
)
"""Of a parameter of a provider's; `prompt_cache_key` is none."""


def _key_name(name: str) -> str:
    if not _KEY_NAME.fullmatch(name):  # which may be the key itself: not said again
        raise ValueError(
            "is no name of an environment variable that ends in _KEY, _TOKEN or _SECRET (by which it is known as a secret); "
            "a key itself does not belong in a config"
        )
    return name


EnvironmentKey = Annotated[str, AfterValidator(_key_name)]
"""The name of an environment variable that holds a key; never the key itself."""


def _server(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        if "[" in parts.netloc:  # Python 3.10 takes anything in brackets
            ip_address(parts.hostname or "")
    except ValueError:
        known = False
    if not known:  # which may hold a key all the same: not said again
        raise ValueError("is no address of a server; it is to look like http://localhost:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "holds more than an address (a user, a password or a query); a key does not belong in a config: "
            "name its environment variable in api_key_env"
        )
    return url.rstrip("/")


ServerURL = Annotated[str, AfterValidator(_server)]
"""An address without anything secret in it."""


def without_secret_names(passed: dict[str, Any]) -> dict[str, Any]:
    """What a user has passed on to a provider as it is. Raises ValueError where a name in it, however deep, is that of a secret."""
    for name in _names(passed):
        if _SECRET_NAME.search(name):
            raise ValueError(
                f"{without_keys(name)} looks like a secret, which does not belong in a config; a key belongs in the environment variable "
                "that llm.api_key_env names"
            )
    return passed


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


class ProviderOptions(Options):
    """Base of a provider's options."""

    model: str = Field(min_length=1, description="The model's name, as the provider writes it.")
    temperature: float | None = Field(1.0, ge=0, le=2, description="Of sampling (1.0 in the paper); null: the provider's default.")
    max_tokens: int = Field(8192, ge=16, description="Most tokens of one answer, reasoning included; what a budget sets aside for it.")
    timeout_s: float = Field(600.0, gt=0, description="Seconds without a byte of the answer after which a call has failed.")
    deadline_s: float = Field(
        3600.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds after which a call has failed for good, its retries included, though bytes still come.",
    )
    max_retries: int = Field(5, ge=0, description="How often a call is tried again that failed for a passing reason (429, 5xx, network).")
    parallel: int = Field(16, ge=1, description="Most calls at a time.")
    price: Price | None = Field(None, description="What this model costs, in US dollars per million tokens; goes before every table.")
    prices: ConfigPath | None = Field(None, description="A YAML file of prices in the form of ours, which goes before ours.")
