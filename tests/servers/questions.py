"""Questions as core puts them to an `llm` component, for tests of any provider."""

from __future__ import annotations

from typing import Any

from eureka.generator_types import Answer, CompletionRequest
from eureka.types import Message

KEY = "sk-ant-t7Rw2QzLx9Vb4NcM8dKfJ3hGp6Ys1Ae5"
SYSTEM = Message(role="system", content="You write rewards. " * 40)
TASK = Message(role="user", content="Balance the pole. " * 100)


def question(samples: int = 1, messages: tuple[Message, ...] = (SYSTEM, TASK), **place: Any) -> CompletionRequest:
    """A first question; `place` may change its iteration, attempt or most tokens."""
    at = {"restart": 0, "iteration": 0, **place}
    return CompletionRequest.model_validate({"messages": messages, "samples": tuple(range(samples)), **at})


def repair(answer: str) -> CompletionRequest:
    """What is asked when an answer was rejected."""
    complaint = Message(role="user", content="Line 3 has a fault.")
    return question(messages=(SYSTEM, TASK, Message(role="assistant", content=answer), complaint), attempt=1)


def ask(llm: Any, request: CompletionRequest | None = None) -> list[Answer]:
    """All answers, in the order of their samples."""
    return sorted(llm.eureka_complete(request or question()), key=lambda answer: answer.sample)


def pieces(text: str) -> list[str]:
    """The pieces of the key that are in a text."""
    return [KEY[k : k + 8] for k in range(len(KEY) - 7) if KEY[k : k + 8] in text]
