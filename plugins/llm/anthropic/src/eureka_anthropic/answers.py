"""From the events of a stream to one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eureka.generator_types import Answer
from eureka.providers.provider import Passing

_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length"}
_PASSING = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")


def read(stream: Any, sample: int, begun: Callable[[], None]) -> Answer:
    """The answer that a stream of the library's comes to; `begun` is called with its first event.

    Raises `Passing` where the stream breaks off, makes no sense or reports a fault that passes, and the library's exception for any other.
    """
    import anthropic
    import httpx2

    empty = True
    try:
        for _ in stream:
            if empty:
                begun()
            empty = False
        if empty:
            raise Passing("the connection was closed before an answer began")
        return _answer(sample, stream.current_message_snapshot)
    except anthropic.APIStatusError as error:  # an `error` event
        if error.type not in _PASSING:
            raise
        raise Passing(f'it broke off with {error.type}: "{error.api_message or ""}"') from error
    except Passing:
        raise
    except httpx2.TimeoutException as error:
        raise Passing("the answer stopped coming (see llm.timeout_s)") from error
    except httpx2.TransportError as error:
        raise Passing("the connection broke in the middle of the answer") from error
    except Exception as error:  # of the library's, at events that are not of the API's form
        raise Passing(f"its answer makes no sense ({type(error).__name__}: {error})") from error


def _answer(sample: int, message: Any) -> Answer:
    if message.stop_reason is None:
        raise Passing("the answer ended without being finished")
    usage = message.usage
    cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Answer(
        sample=sample,
        text="".join(block.text for block in message.content if block.type == "text"),
        model=message.model,
        finish_reason=_FINISH.get(message.stop_reason, message.stop_reason),
        input_tokens=usage.input_tokens + cached + written,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=usage.output_tokens,
    )
