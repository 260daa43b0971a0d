"""Reads what a server sent, in one piece or as a stream, and tells a whole answer from one that broke off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eureka.providers.provider import Passing

MALFORMED = (ValueError, RecursionError)
"""What reading JSON raises: of its form, its encoding, a number too long, or brackets without end."""

_FINISHES = {"content_filter": "refusal", "max_tokens": "length"}


@dataclass
class Choice:
    """One answer. finish: why it ended, in the server's word; None: it has not."""

    text: str = ""
    refusal: str = ""
    finish: str | None = None

    @property
    def reason(self) -> str:
        """Why it ended, in core's word where it has one."""
        return "refusal" if self.refusal else _FINISHES.get(self.finish or "", self.finish or "")


@dataclass
class Told:
    """What one call gave. usage: the server's block of that name, None where it sent none."""

    model: str = ""
    choices: list[Choice] = field(default_factory=list)
    usage: Any = None


def read(completion: Any) -> Told:
    """Of an answer in one piece. Raises Passing where it is none.

    The SDK checks nothing of what it hands over, so that any part may be missing or of another type.
    """
    told = Told(_text(getattr(completion, "model", None)), usage=getattr(completion, "usage", None))
    choices = getattr(completion, "choices", None)
    for choice in choices if isinstance(choices, list) else []:
        message = getattr(choice, "message", None)
        if message is None or getattr(choice, "error", None) or getattr(choice, "finish_reason", None) == "error":
            raise Passing(f"an answer that is none: {choice}")
        finish = _text(getattr(choice, "finish_reason", None))
        told.choices.append(Choice(_text(getattr(message, "content", None)), _text(getattr(message, "refusal", None)), finish))
    if not told.choices:
        raise Passing(f"no completion, but: {completion}")
    return told


def gather(chunks: Iterable[Any]) -> Told:
    """Of a stream. Raises Passing where it broke off, also without a word."""
    from openai import APIError

    told, by_index = Told(), dict[int, Choice]()
    try:
        for chunk in chunks:
            told.model = told.model or _text(getattr(chunk, "model", None))
            told.usage = getattr(chunk, "usage", None) or told.usage  # where each chunk has one, the last is of all
            parts = getattr(chunk, "choices", None)
            for part in parts if isinstance(parts, list) else []:
                index = getattr(part, "index", 0)
                choice = by_index.setdefault(index if isinstance(index, int) else 0, Choice())
                delta = getattr(part, "delta", None)
                choice.text += _text(getattr(delta, "content", None))
                choice.refusal += _text(getattr(delta, "refusal", None))
                choice.finish = _text(getattr(part, "finish_reason", None)) or choice.finish
    except (APIError, *MALFORMED) as error:
        raise Passing(f"the stream broke off: {error}") from None
    told.choices = [by_index[index] for index in sorted(by_index)]
    if not told.choices or any(choice.finish in (None, "error") for choice in told.choices):
        raise Passing("the stream ended before the answer did")
    return told


def _text(value: Any) -> str:
    """Text as it is, or that of the parts some servers send in its place; empty for anything else."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict) and part.get("type") == "text")
    return value if isinstance(value, str) else ""
