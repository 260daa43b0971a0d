"""The Messages format of Anthropic, its stream of events and its prompt cache.

Source: the Claude API reference, "Messages", "Streaming messages" (events) and "Prompt caching" (lifetimes, what is looked up and counted).
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from servers.base import Asked, Reply, Server
from servers.chat import REWARD

Event = dict[str, Any]


def message(
    asked: Asked,
    text: str = REWARD,
    stop: str | None = "end_turn",
    usage: tuple[int, int] = (1000, 200),
    read: int = 0,
    written: int = 0,
    thinking: str = "",
    **reply: Any,
) -> Reply:
    """A whole answer. usage: tokens in, besides those read from and written to the cache, and tokens out. reply: `cut` and the like."""
    if not asked.body.get("stream"):
        raise AssertionError("answers that may take long are asked for as a stream")
    return stream(events(asked, text, stop, usage, read, written, thinking), **reply)


def stream(sent: list[Event], **reply: Any) -> Reply:
    """These events, as the API sends them."""
    body = b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in sent)
    return Reply(body, headers={"Content-Type": "text/event-stream"}, **reply)


def events(
    asked: Asked,
    text: str = REWARD,
    stop: str | None = "end_turn",
    usage: tuple[int, int] = (1000, 200),
    read: int = 0,
    written: int = 0,
    thinking: str = "",
) -> list[Event]:
    """The events of a whole answer: a block of thinking, where there is any, then one of text."""
    used = {"input_tokens": usage[0], "cache_read_input_tokens": read, "cache_creation_input_tokens": written}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked.body.get("model", ""), "content": []}
    sent: list[Event] = [
        {"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None, "usage": {**used, "output_tokens": 1}}},
        {"type": "ping"},
    ]
    blocks = [("thinking", "thinking_delta", thinking)] if thinking else []
    blocks += [("text", "text_delta", text)] if text else []
    for index, (kind, delta, content) in enumerate(blocks):
        signed = {"signature": ""} if kind == "thinking" else {}
        sent.append({"type": "content_block_start", "index": index, "content_block": {"type": kind, kind: "", **signed}})
        for start in range(0, len(content), 40):
            sent.append({"type": "content_block_delta", "index": index, "delta": {"type": delta, kind: content[start : start + 40]}})
        sent.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": stop, "stop_sequence": None}
    return [*sent, {"type": "message_delta", "delta": ended, "usage": {"output_tokens": usage[1]}}, {"type": "message_stop"}]


def broken(kind: str, words: str = "no") -> Event:
    """The event that reports a fault in the middle of a stream, under the HTTP status 200."""
    return {"type": "error", "error": {"type": kind, "message": words}}


class PromptCache:
    """Answers as a server that keeps marked beginnings of prompts, and counts in `usage` what was read from and written to them.

    An entry can be read by calls that come after the answer to the one that wrote it began. From a mark on, twenty blocks are looked back.
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        blocks = [*asked.body.get("system", []), *(block for one in asked.body["messages"] for block in one["content"])]
        beginnings = [json.dumps([one["text"] for one in blocks[: k + 1]]) for k in range(len(blocks))]
        tokens = [sum(len(one["text"]) // 4 for one in blocks[: k + 1]) for k in range(len(blocks))]
        marks = [k for k, one in enumerate(blocks) if "cache_control" in one]
        assert len(marks) <= 4, "at most four marks"
        with self._lock:
            found = [k for mark in marks for k in range(max(0, mark - 19), mark + 1) if self._since.get(beginnings[k], 1e99) <= asked.time]
            read = tokens[max(found)] if found else 0
            written = max(0, tokens[marks[-1]] - read) if marks else 0
            for mark in marks:
                self._since.setdefault(beginnings[mark], time.monotonic())
        return message(asked, usage=(tokens[-1] - read - written, 200), read=read, written=written)


def messages_server(latency: float = 0.0) -> Server:
    """Answers every request with a reward for CartPole."""
    return Server(message, latency)
