"""What makes one answer of a model the answer to one question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from eureka.types import ComponentSpec, Message

_BESIDE = ("api_key_env", "timeout_s", "deadline_s", "max_retries", "parallel", "price", "prices", "use_n", "stream", "keep_alive")
"""Options on which no answer depends."""


def asked_with(llm: ComponentSpec) -> dict[str, Any]:
    """The options of an `llm` that its answers depend on, those of an ensemble's members among them."""
    kept: dict[str, Any] = _kept(llm.options)
    return kept


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _kept(one) for key, one in value.items() if key not in _BESIDE}
    return [_kept(one) for one in value] if isinstance(value, (list, tuple)) else value


def completion_key(
    provider: str, model: str, parameters: Mapping[str, Any], messages: Iterable[Message], place: tuple[int, int, int, int]
) -> str:
    """Hash of who was asked, how, what, and for which (restart, iteration, sample, attempt)."""
    content = [provider, model, parameters, [message.model_dump() for message in messages], place]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
