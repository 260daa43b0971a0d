"""Reads an exception of litellm: what the provider answered, if anything, and in which words.

litellm gives its exceptions a status of its own, 500 for a refused connection, 408 for a time-out; the exceptions they were raised from
tell what was on the wire.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_WIRE = (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)
_NO_ANSWER = (json.JSONDecodeError, KeyError, IndexError)
_SENSELESS = re.compile("Empty or invalid response|Invalid response object|provider returned")
"""In words of litellm's, where nothing else tells."""
_PREFIX = re.compile(
    r"^(?:litellm\.)?(?:\w+(?:Error|Timeout)(?: Error)?|Timeout(?: Error)?): |^\w+(?:Exception|Error)(?: \w+Error| Timeout)? - "
)
_ADVICE = re.compile(r"\. Handle with `litellm\.\w+`\.$")


@dataclass(frozen=True)
class Cause:
    """What an exception of litellm comes from.

    status: of the HTTP answer, or the one litellm itself refuses a call with; None where neither is. unreached: no answer, or not all of
    it, came over the network. senseless: one came, and is not of the provider's form. url: asked, without what may hold a key.
    """

    status: int | None = None
    unreached: bool = False
    senseless: bool = False
    said: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def cause_of(error: Exception) -> Cause:
    """Read an exception that `litellm.completion` raised."""
    causes, said = list(_causes(error)), _words(error)
    url = next((url for c in causes if (url := _url(c))), "")
    if type(error).__name__ == "ContextWindowExceededError":
        return Cause(status=413, said=said, url=url)
    for cause in causes:
        if type(cause).__name__ == "HTTPStatusError":  # of httpx or httpx2, whichever the provider's client is made of
            response = cause.response  # type: ignore[attr-defined]
            return Cause(status=response.status_code, said=said, url=url, headers=response.headers)
    if any(isinstance(c, _WIRE) or any(base.__name__ == "TransportError" for base in type(c).__mro__) for c in causes):
        return Cause(unreached=True, said=said, url=url)
    if any(isinstance(c, _NO_ANSWER) for c in causes) or _SENSELESS.search(said):
        return Cause(senseless=True, said=said, url=url)
    own = getattr(error, "status_code", None)
    return Cause(status=own if isinstance(own, int) and 400 <= own < 500 else None, said=said, url=url)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _url(error: BaseException) -> str:
    """Without user, query and fragment: some providers take a key in the query. litellm's own exceptions carry invented requests."""
    if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2"):
        return ""
    try:
        url = urlsplit(str(error.request.url))  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError, ValueError):  # httpx raises RuntimeError where there was no request
        return ""
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}" if url.scheme and url.netloc else ""


def _words(error: Exception) -> str:
    """The provider's own words, without the names litellm puts before them and the traceback it puts after."""
    body = getattr(error, "body", None)
    text = str(getattr(error, "message", "") or error).partition("Traceback (most recent call last)")[0]
    if message := _message(body):
        return message
    if (start := text.find("{")) >= 0:
        try:
            if message := _message(json.JSONDecoder().raw_decode(text, start)[0]):
                return message
        except ValueError:
            pass
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    return _ADVICE.sub("", text)


def _message(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    inner = body.get("error")
    found = (inner.get("message") if isinstance(inner, dict) else inner) or body.get("message")
    return found if isinstance(found, str) else ""
