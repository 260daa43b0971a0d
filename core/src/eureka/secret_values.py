"""Keeps the host's keys out of what is sent to a model, kept on disk and shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from eureka.errors import RunStopped
from eureka.types import Message, Record

_ENDINGS = ("_KEY", "_TOKEN", "_SECRET")
_SHORTEST = 8
"""Shorter values are no secrets, and would be found by chance in every text."""
_WORD = "(?:[A-Z]?[a-z]+|[A-Z]+)"
_NAME = re.compile(f"{_WORD}(?:_{_WORD})*")
"""What code and prose are full of (`position`, `pole_angle`); nobody gives such a key out."""
_RUN = re.compile(r"[A-Za-z0-9._~+=/-]{8,}")
_ALPHABET = re.compile(r"[A-Za-z0-9._~+=-]+")
_BASE64 = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+=_-][A-Za-z0-9+/=_-]{31,}")
_PART, _LETTERS_OR_DIGITS, _EIGHT_DIGITS = re.compile(r"[A-Za-z0-9]{8,}"), re.compile(r"[A-Za-z]+|[0-9]+"), re.compile(r"[0-9]{8}")
_PUT = "[KEY]"
R = TypeVar("R", bound=Record)


class _Secret(NamedTuple):
    name: str
    value: str
    pieces: frozenset[str]


class _Found(NamedTuple):
    start: int
    end: int
    name: str


def secret_in(text: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The environment variable named *_KEY, *_TOKEN or *_SECRET whose value, or a piece of it, is in a text, if any is."""
    return next((found.name for found in _find(text, _secrets(environment))), None)


def without_secrets(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text with those values, and pieces of eight characters or more of such as look random, replaced by `[KEY]`."""
    return _masked(text, _secrets(environment))


def cleaned(record: R) -> R:
    """The record with its texts as `without_secrets` leaves them."""
    before = record.model_dump(by_alias=True)
    after = _each(before, _secrets(None))
    return record if after == before else record.model_validate(after)


def refuse_secrets(messages: Iterable[Message], environment: Mapping[str, str] | None = None) -> None:
    """Raise RunStopped where a message contains such a value, naming the variable."""
    for message in messages:
        if name := secret_in(message.content, environment):
            line = next((n for n, line in enumerate(message.content.split("\n"), 1) if secret_in(line, environment)), 1)
            raise RunStopped(
                f"nothing was sent to the model: line {line} of the {message.role} message holds the value of the environment "
                f"variable {name}. If the run can do without {name}, unset it and go on with `eureka resume DIR`; if not, take the value "
                "out of where it comes from (the task's description, the environment's text, a prompt of your own, a note) and start a new "
                "run."
            )


def _each(value: Any, secrets: list[_Secret]) -> Any:
    """The value with every text in it masked."""
    if isinstance(value, dict):
        return {key: _each(one, secrets) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_each(one, secrets) for one in value)
    return _masked(value, secrets) if isinstance(value, str) else value


def _masked(text: str, secrets: list[_Secret]) -> str:
    kept, end = list[str](), 0
    for found in sorted(_find(text, secrets)):  # they overlap: what they cover together goes
        if found.start > end or not kept:
            kept += [text[end : found.start], _PUT]
        end = max(end, found.end)
    return "".join([*kept, text[end:]])


def _secrets(environment: Mapping[str, str] | None) -> list[_Secret]:
    held = (os.environ if environment is None else environment).items()
    values = ((name, value.strip()) for name, value in held if name.upper().endswith(_ENDINGS))
    return [_Secret(name, value, _pieces(value)) for name, value in values if _is_secret(value)]


def _is_secret(value: str) -> bool:
    if len(value) < _SHORTEST or _NAME.fullmatch(value):
        return False
    return not (value[0] in "/~." and _is_there(Path(value)))  # the place of a key is none


def _is_there(path: Path) -> bool:
    try:
        return path.expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # too long for a name; nobody's home; a null
        return False


def _pieces(value: str) -> frozenset[str]:
    """Of every word of a value that looks random: a value may be `Bearer …`, or lines."""
    words = [word for word in value.split() if _is_random(word)]
    return frozenset(piece for word in words for piece in _windows(word))


def _is_random(word: str) -> bool:
    """Whether a word has the form in which providers give keys out: it mixes letters and digits as no name or version does."""
    if _BASE64.fullmatch(word):  # it may hold slashes; a path begins with one, or has no such mixture
        return True
    if not _ALPHABET.fullmatch(word):
        return False
    for part in _PART.findall(word):
        changes = len(_LETTERS_OR_DIGITS.findall(part)) - 1
        if changes > 1 or (changes == 1 and len(part) >= 12) or _EIGHT_DIGITS.search(part):
            return True
    return word.startswith("sk-")


def _find(text: str, secrets: list[_Secret]) -> Iterator[_Found]:
    """Where secrets are in a text, or pieces of eight characters, in any order."""
    for secret in secrets:
        start = text.find(secret.value)
        while start >= 0:
            yield _Found(start, start + len(secret.value), secret.name)
            start = text.find(secret.value, start + 1)
    owners = {piece: secret.name for secret in secrets for piece in secret.pieces}
    # Most texts hold none, and the same words many times: this takes 40 ms for a million characters, a search for each piece a second.
    runs = set(_RUN.findall(text)) if owners else set()
    if all(owners.keys().isdisjoint(_windows(run)) for run in runs):
        return
    for match in _RUN.finditer(text):
        for k, piece in enumerate(_windows(match[0]), match.start()):
            if piece in owners:
                yield _Found(k, k + _SHORTEST, owners[piece])


def _windows(run: str) -> list[str]:
    return [run[k : k + _SHORTEST] for k in range(len(run) - _SHORTEST + 1)]
