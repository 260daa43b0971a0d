"""A conversation with a model as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable

from eureka.types import Completion, Message


def as_text(messages: Iterable[Message]) -> str:
    """Every message under a line that says whose it is."""
    return "\n".join(_part(message.role, message.content) for message in messages)


def with_answer(messages: Iterable[Message], answer: Completion) -> str:
    """The same with the answer at the end, and at the top who gave it and what it came to."""
    return "\n".join([_facts(answer), as_text(messages), _part("answer", answer.text)])


def _part(name: str, text: str) -> str:
    return f"===== {name} =====\n\n{text.rstrip()}\n"


def _facts(answer: Completion) -> str:
    cached = f" ({answer.cached_input_tokens:,} of them from the cache)" if answer.cached_input_tokens else ""
    facts = {
        "answered by": f"{answer.provider} {answer.model}".strip(),
        "tokens": f"{answer.input_tokens:,} read{cached}, {answer.output_tokens:,} written",
        "cost": "not known" if answer.cost_usd is None else f"${answer.cost_usd:.6g}",
        "finish reason": answer.finish_reason or "not told",
        "seconds": f"{answer.ended - answer.started:.1f}",
    }
    return "".join(f"{name}: {value}\n" for name, value in facts.items())
