"""A conversation as the Messages API takes it, with what other calls share marked for its cache."""

from __future__ import annotations

from typing import Any

from eureka.generator_types import CompletionRequest
from eureka.types import Message


def shared(request: CompletionRequest) -> tuple[Message, ...]:
    """The beginning of the conversation that other calls have too: all of it in a first question, in a repair what came before the answer.

    What a repair adds is asked once, so writing it to the cache would cost more than it saves.
    """
    messages = tuple(message for message in request.messages if message.content.strip())
    answers = [k for k, message in enumerate(messages) if message.role == "assistant"]
    return messages[: answers[-1]] if request.attempt and answers else messages


def conversation(request: CompletionRequest, cache: bool) -> dict[str, Any]:
    """The fields `system` and `messages`. Empty messages, which the API refuses, are left out; two of one role in a row it joins.

    A mark stands on the last block of the system prompt, which outlasts an iteration, and on the last block that is shared.
    """
    system: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    last = len(shared(request)) - 1
    for k, message in enumerate(m for m in request.messages if m.content.strip()):
        block: dict[str, Any] = {"type": "text", "text": message.content}
        if message.role == "system":
            system.append(block)
        else:
            messages.append({"role": message.role, "content": [block]})
        if cache and k == last:
            block["cache_control"] = {"type": "ephemeral"}
    if cache and system:
        system[-1]["cache_control"] = {"type": "ephemeral"}
    return {"messages": messages, **({"system": system} if system else {})}
