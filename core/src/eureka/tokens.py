"""How many tokens a text may come to, told without a tokeniser: each model has its own, and most are fetched over the network."""

from __future__ import annotations

from collections.abc import Iterable

from eureka.types import Message

_PER_MESSAGE = 10


def about(messages: Iterable[Message]) -> int:
    """A fair guess: English, code and tables come to about four bytes a token."""
    return sum(-(-len(message.content.encode()) // 4) + _PER_MESSAGE for message in messages)


def at_most(messages: Iterable[Message]) -> int:
    """What is set aside for a question before it is asked: two bytes a token, half of what text usually has."""
    return sum(-(-len(message.content.encode()) // 2) + _PER_MESSAGE for message in messages)
