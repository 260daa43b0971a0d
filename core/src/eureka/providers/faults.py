"""Says what is wrong with a provider in one line that names the setting to change, and never a key."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping

from eureka.builtin.outside_text import one_line, plain
from eureka.errors import ModelFault
from eureka.providers.waits import asked_wait, in_words, too_long
from eureka.secret_values import without_secrets


def safe_line(text: str, limit: int = 300) -> str:
    """A provider's words on one line, without keys. Invisible characters go first: they may stand between the pieces of a key."""
    return one_line(without_secrets(plain(text)), limit)


def fault(
    provider: str,
    *,
    model: str,
    url: str,
    key_env: str | None,
    max_retries: int,
    status: int | None = None,
    error: BaseException | None = None,
    detail: str = "",
    url_setting: str = "llm.base_url",
    unpaid: bool = False,
    headers: Mapping[str, str] | None = None,
) -> ModelFault:
    """The fault of a call that a library gave up.

    status: of the HTTP answer; None where there was none, then `error` tells by what it was raised from. detail: the provider's words.
    url_setting: where the config says `url`. unpaid: that the provider wants money, where its status alone does not say so. headers: of
    the HTTP answer.
    """
    said = f' It says: "{safe_line(detail)}"' if detail.strip() else ""
    key = f"environment variable {key_env}" if key_env else "key (none is set: see llm.api_key_env)"
    tries = f" after {max_retries + 1} tries" if max_retries else ""
    if status is None:
        return _unreached(provider, url, url_setting, tries, error, said)
    match status:
        case 401:
            message = f"{provider} does not accept the {key} (401). Set it to a valid key"
        case _ if status == 402 or unpaid:
            message = f"{provider} wants to be paid first ({status}). Look at your account there"
        case 403:
            message = f"{provider} does not let the {key} use {model} (403). Look at llm.model, and at what the key may do"
        case 404:
            message = f"{provider} has no model {model}, or no such service at {url} (404). Look at llm.model and {url_setting}"
        case 413:
            message = f"the prompt is too long for {model} (413). Shorten the task's text, or choose another llm.model"
        case _ if (status == 429 or status >= 500) and too_long(headers or {}):
            wait = in_words(asked_wait(headers or {}) or 0.0)
            message = f"{provider} wants no further call for {wait} ({status}). Go on after that, or look at your quota"
        case 429:
            message = f"{provider} turns further calls down{tries} (429). Raise llm.max_retries, lower llm.parallel, or look at your quota"
        case 408 | 409:
            message = f"{provider} gave up on the call{tries} ({status}). Raise llm.max_retries, or try later"
        case _ if status >= 500:
            message = f"{provider} has a fault of its own{tries} ({status}). Raise llm.max_retries, or try later"
        case _:
            message = f"{provider} does not accept the call ({status}). Look at the options of llm"
    return ModelFault(f"llm: {message}.{said}", billed=False)


def _unreached(provider: str, url: str, url_setting: str, tries: str, error: BaseException | None, said: str) -> ModelFault:
    causes = list(_causes(error))
    if any(isinstance(c, socket.gaierror) for c in causes):
        why, billed = f"the host of {url} is not known (DNS). Look at {url_setting}, and at the network", False
    elif tls := next((c for c in causes if isinstance(c, ssl.SSLError)), None):
        reason = one_line(str(tls.reason or tls), 120)
        why = f"no safe connection to {url} (TLS: {reason}). Look at {url_setting}, the clock and SSL_CERT_FILE"
        billed = False
    elif any(isinstance(c, ConnectionRefusedError) for c in causes):
        why, billed = f"nothing answers at {url} (connection refused). Is the server running? Look at {url_setting}", False
    elif any("Timeout" in type(c).__name__ for c in causes):
        why, billed = f"no answer from {url} in time. Raise llm.timeout_s or llm.max_retries, or look at the server", True
    else:
        why, billed = f"the connection to {url} failed. Raise llm.max_retries, or look at the network", True
    return ModelFault(f"llm: {provider}{tries}: {why}.{said}", billed=billed)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was raised from, to the first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
