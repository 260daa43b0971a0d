"""What the SDK raises, in words of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eureka.providers import fault
from eureka_openai.options import OpenAIOptions

if TYPE_CHECKING:
    from openai import APIStatusError

_UNPAID = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


def words(error: APIStatusError) -> str:
    """What the server said."""
    body = error.body
    told = body.get("message") if isinstance(body, dict) else body
    return told if isinstance(told, str) else str(body or "")


def fault_of(error: Exception, options: OpenAIOptions, name: str) -> Exception:
    """The fault of a call that the SDK gave up; another exception as it is."""
    from openai import APIConnectionError, APIStatusError

    if not isinstance(error, (APIConnectionError, APIStatusError)):
        return error
    status, detail = (error.status_code, words(error)) if isinstance(error, APIStatusError) else (None, "")
    return fault(
        name,
        model=(options.azure and options.azure.deployment) or options.model,
        url=options.url,
        url_setting=options.url_setting,
        key_env=options.key_env,
        max_retries=int(error.request.headers.get("x-stainless-retry-count", 0)),  # those that were made
        status=status,
        unpaid=error.code in _UNPAID,
        error=error,
        detail=detail,
        headers=error.response.headers if isinstance(error, APIStatusError) else None,
    )
