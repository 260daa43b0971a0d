"""Keeps the host's keys out of what is sent to a model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from eureka.errors import RunStopped
from eureka.types import Message

_ENDINGS = ("_KEY", "_TOKEN", "_SECRET")
_SHORTEST = 8
"""Shorter values are no secrets, and would be found by chance in every text."""


def refuse_secrets(messages: Iterable[Message], environment: Mapping[str, str] = os.environ) -> None:
    """Raise RunStopped where a message contains the value of an environment variable named *_KEY, *_TOKEN or *_SECRET."""
    secrets = {name: value.strip() for name, value in environment.items() if name.upper().endswith(_ENDINGS)}
    for message in messages:
        for name, value in secrets.items():
            if len(value) >= _SHORTEST and value in message.content:
                line = message.content[: message.content.index(value)].count("\n") + 1
                raise RunStopped(
                    f"nothing was sent to the model: line {line} of the {message.role} message holds the value of the environment "
                    f"variable {name}. Take it out of where it comes from (the task's description, the environment's text, a note, an "
                    f"answer) or unset {name}, then go on with `eureka resume`"
                )
