"""Says what is wrong with a provider in one line that names the setting to change, and never a key."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from eureka.builtin.outside_text import one_line
from eureka.errors import ModelFault
from eureka.secret_values import without_secrets

_DETAIL = 300


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
) -> ModelFault:
    """The fault of a call that a library gave up.

    status: of the HTTP answer; None where there was none, then `error` tells by what it was raised from. detail: the provider's words.
    """
    said = f' It says: "{one_line(without_secrets(detail), _DETAIL)}"' if detail.strip() else ""
    key = f"environment variable {key_env}" if key_env else "key (none is set: see llm.api_key_env)"
    tries = f" after {max_retries + 1} tries" if max_retries else ""
    if status is None:
        return _unreached(provider, url, tries, error, said)
    match status:
        case 401:
            message = f"{provider} does not accept the {key} (401). Set it to a valid key"
        case 402:
            message = f"{provider} wants to be paid first (402). Look at your account there"
        case 403:
            message = f"{provider} does not let the {key} use {model} (403). Look at llm.model, and at what the key may do"
        case 404:
            message = f"{provider} has no model {model}, or no such service at {url} (404). Look at llm.model and llm.base_url"
        case 413:
            message = f"the prompt is too long for {model} (413). Shorten the task's text, or choose another llm.model"
        case 429:
            message = f"{provider} turns further calls down{tries} (429). Raise llm.max_retries, lower llm.parallel, or look at your quota"
        case 408 | 409:
            message = f"{provider} gave up on the call{tries} ({status}). Raise llm.max_retries, or try later"
        case _ if status >= 500:
            message = f"{provider} has a fault of its own{tries} ({status}). Raise llm.max_retries, or try later"
        case _:
            message = f"{provider} does not accept the call ({status}). Look at the options of llm"
    return ModelFault(f"llm: {message}.{said}", billed=False)


def _unreached(provider: str, url: str, tries: str, error: BaseException | None, said: str) -> ModelFault:
    causes = list(_causes(error))
    if any(isinstance(c, socket.gaierror) for c in causes):
        why, billed = f"the host of {url} is not known (DNS). Look at llm.base_url, and at the network", False
    elif tls := next((c for c in causes if isinstance(c, ssl.SSLError)), None):
        why = (
            f"no safe connection to {url} (TLS: {one_line(str(tls.reason or tls), 120)}). Look at llm.base_url, the clock and SSL_CERT_FILE"
        )
        billed = False
    elif any(isinstance(c, ConnectionRefusedError) for c in causes):
        why, billed = f"nothing answers at {url} (connection refused). Is the server running? Look at llm.base_url", False
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
