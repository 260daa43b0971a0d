"""Keeps the host's keys out of what is sent to a model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from eureka.errors import RunStopped
from eureka.types import Message

_ENDINGS = ("_KEY", "_TOKEN", "_SECRET")
_SHORTEST = 8
"""Shorter values are no secrets, and would be found by chance in every text."""


def secret_in(text: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The environment variable named *_KEY, *_TOKEN or *_SECRET whose value is in a text, if any is."""
    for name, value in (os.environ if environment is None else environment).items():
        if name.upper().endswith(_ENDINGS) and len(value.strip()) >= _SHORTEST and value.strip() in text:
            return name
    return None


def refuse_secrets(messages: Iterable[Message], environment: Mapping[str, str] | None = None) -> None:
    """Raise RunStopped where a message contains such a value, naming the variable."""
    for message in messages:
        if name := secret_in(message.content, environment):
            line = next((n for n, line in enumerate(message.content.split("\n"), 1) if secret_in(line, environment)), 1)
            raise RunStopped(
                f"nothing was sent to the model: line {line} of the {message.role} message holds the value of the environment "
                f"variable {name}. If the run can do without {name}, unset it and go on with `eureka resume DIR`; if not, take the value "
                "out of where it comes from (the task's description, the environment's text, a note) and start a new run."
            )
