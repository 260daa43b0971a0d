"""Keeps the host's keys out of what is sent to a model, kept on disk and shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping

from eureka.errors import RunStopped
from eureka.types import Message

_ENDINGS = ("_KEY", "_TOKEN", "_SECRET")
_SHORTEST = 8
"""Shorter values are no secrets, and would be found by chance in every text."""
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9._~+=-]{16,}")
"""Values of this form are keys as providers give them; a piece of one is looked for too. Of a path or a sentence only the whole is."""
_PUT = "[KEY]"


def secret_in(text: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The environment variable named *_KEY, *_TOKEN or *_SECRET whose value is in a text, if any is."""
    return next((name for name, value in _secrets(environment) if value in text), None)


def without_secrets(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text with those values, and pieces of eight characters or more of such as look random, replaced by `[KEY]`."""
    for _, value in _secrets(environment):
        text = text.replace(value, _PUT)
        if _RANDOM.fullmatch(value):
            text = _without_pieces(text, value)
    return text


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


def _secrets(environment: Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
    for name, value in (os.environ if environment is None else environment).items():
        if name.upper().endswith(_ENDINGS) and len(value.strip()) >= _SHORTEST:
            yield name, value.strip()


def _without_pieces(text: str, value: str) -> str:
    pieces = {re.escape(value[k : k + _SHORTEST]) for k in range(len(value) - _SHORTEST + 1)}
    kept, end = [], 0
    for match in re.finditer(f"(?={'|'.join(pieces)})", text):  # pieces overlap: what they cover together goes
        if match.start() > end or not end:
            kept += [text[end : match.start()], _PUT]
        end = match.start() + _SHORTEST
    return "".join([*kept, text[end:]])
