"""Keeps a key that somebody typed into a config or a command line out of what is said about it."""

from __future__ import annotations

import re

from eureka.secret_values import without_secrets

_NAMES = {"key", "keys", "apikey", "token", "secret", "secrets", "password", "passwd", "credential", "credentials", "auth", "authorization"}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SPACED = re.compile(r"""[^\s"'=:,;(){}\[\]<>`…]{11,}""")
_WELL_KNOWN = re.compile(
    r"(?<![\w/.-])(?:(?:sk-|nvapi-|github_pat_|AIza)(?=[\w-]*[0-9])[\w-]{12,}"
    r"|(?:gsk_|csk-|xai-|pplx-|hf_|r8_|fw_|gh[opsu]_|AKIA)[A-Za-z0-9]{16,})",
    re.ASCII,
)
"""How providers' keys begin: OpenAI's and its like (`sk-proj-`, `sk-ant-`, `sk-or-`, `gsk_`), Google's and others'."""
_RANDOM = re.compile(r"(?=[0-9]+[A-Za-z]|[A-Za-z]+[0-9])[A-Za-z0-9]{20}")


def names_a_secret(name: str) -> bool:
    """Whether a setting of this name would hold a secret (`api_key`, `apiToken`) or say where one is; `max_tokens` does not."""
    return not _NAMES.isdisjoint(word.lower() for word in _WORDS.findall(name))


def holds_a_key(text: str) -> bool:
    """Whether there is something in a text that has the form of a well-known provider's key."""
    return _WELL_KNOWN.search(text) is not None


def without_keys(text: str) -> str:
    """The text without the host's keys, and without what looks like any other's: `sk-…`, or twenty letters and digits in no path."""
    return _SPACED.sub(lambda word: "[KEY]" if _looks_like_one(word[0]) else word[0], without_secrets(text))


def shown_set(text: str) -> str:
    """`KEY.PATH=VALUE` as a message may repeat it: without the value where it may be a secret."""
    return f"{_key_of(text)}=…" if names_a_secret(text) else without_keys(text)


def _key_of(text: str) -> str:
    return without_keys(re.split(r"[^\w.-]", text, maxsplit=1)[0])


def _looks_like_one(word: str) -> bool:
    return word.startswith("sk-") or holds_a_key(word) or ("/" not in word and _RANDOM.search(word) is not None)
