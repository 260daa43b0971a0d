"""The Chat Completions format of OpenAI, which most other servers speak too.

Source: the OpenAI API reference, "Chat Completions": the completion object and, for `stream`, the chunk object sent as server-sent events.
"""

from __future__ import annotations

import json
from typing import Any

from servers.base import Asked, Reply, Server

REWARD = """The pole should be upright.

```python
import numpy as np

def compute_reward(pole_angle, action):
    upright = np.exp(-np.abs(pole_angle) / 0.1)
    return upright, {"upright": upright}
```
"""


def completion(
    asked: Asked,
    texts: list[str] | None = None,
    finish: str = "stop",
    usage: tuple[int, int] = (1000, 200),
    cached: int = 0,
    **message: Any,
) -> Reply:
    """A whole answer: one choice per text, a reward for each of `n` if none are given. usage: tokens in, tokens out per choice."""
    given = [REWARD] * asked.body.get("n", 1) if texts is None else texts
    used = {
        "prompt_tokens": usage[0],
        "completion_tokens": usage[1] * len(given),
        "total_tokens": usage[0] + usage[1] * len(given),
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    head = {"id": "chatcmpl-1", "created": 1, "model": asked.body.get("model", "")}
    if asked.body.get("stream"):
        return Reply(_events(head, given, finish, used, message), headers={"Content-Type": "text/event-stream"})
    choices = [
        {"index": k, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}} for k, text in enumerate(given)
    ]
    return Reply({**head, "object": "chat.completion", "choices": choices, "usage": used})


def _events(head: dict[str, Any], texts: list[str], finish: str, used: dict[str, Any], message: dict[str, Any]) -> bytes:
    def chunk(index: int, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {**head, "object": "chat.completion.chunk", "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}

    chunks = [chunk(k, {"role": "assistant", **message}) for k in range(len(texts))]
    for k, text in enumerate(texts):
        chunks += [chunk(k, {"content": text[start : start + 20]}) for start in range(0, len(text), 20)]
        chunks.append(chunk(k, {}, finish))
    chunks.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": used})
    return b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in chunks) + b"data: [DONE]\n\n"


def chat_server(latency: float = 0.0) -> Server:
    """Answers every request with rewards for CartPole."""
    return Server(completion, latency)
