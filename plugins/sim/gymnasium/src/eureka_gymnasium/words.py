"""Names that speak of reward."""

from __future__ import annotations

import re

_WORDS = frozenset(
    (
        "reward", "rewards", "rew", "cost", "costs", "shaping", "score", "scores",
        "penalty", "penalties", "bonus", "bonuses", "return", "returns", "payoff",
    )
)  # fmt: skip
_SPLIT = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def speaks_of_reward(name: str) -> bool:
    """Whether a word of a name, in snake_case or CamelCase, means reward: `prev_shaping`, `healthyReward`, `ctrl_cost`."""
    return any(word.lower() in _WORDS for word in _SPLIT.split(name))
