"""What an exception of the library's says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
}
"""Of faults reported in a stream, where the HTTP answer itself says 200."""


class Known(NamedTuple):
    """status: of HTTP; None where nothing was answered. detail: the provider's words. unpaid: that a limit of spending is reached."""

    status: int | None
    detail: str = ""
    unpaid: bool = False
    headers: Mapping[str, str] | None = None


def known_fault(error: Exception) -> Known | None:
    """What the API, or the way there, failed of; None for any other exception."""
    import anthropic

    if isinstance(error, anthropic.APIConnectionError):
        return Known(None)
    if not isinstance(error, anthropic.APIStatusError):
        return None
    status = _STATUS.get(error.type or "", 400) if error.response.is_success else error.status_code
    detail = error.api_message or (error.body if isinstance(error.body, str) else "")
    return Known(status, detail, "spend_limit" in (error.error_code or ""), error.response.headers)
