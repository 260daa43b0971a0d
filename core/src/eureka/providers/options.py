"""The options every provider has."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from eureka.component import ConfigPath, Options
from eureka.generator_types import Price

_KEY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(_KEY|_TOKEN|_SECRET)", re.IGNORECASE)


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
