"""Names and sentences that speak of reward."""

from __future__ import annotations

import re

_WORDS = frozenset(
    (
        "reward", "rewards", "rewarded", "rewarding", "rew", "rews", "cost", "costs", "shaping", "score", "scores", "scored", "scoring",
        "penalty", "penalties", "penalize", "penalise", "bonus", "bonuses", "return", "returns", "payoff", "payoffs",
    )
)  # fmt: skip
_SPLIT = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PROSE = re.compile(
    r"\b(?:reward\w*|penal(?:ty|ties|i[sz]e\w*)|costs?|costing|shaping|scor(?:e[sd]?|ing)|bonus(?:es)?|payoffs?|points? (?:for|per|if|when)"
    r"|[-+]?\d+ points?"
    r"|punish\w*|incentiv\w*|reinforcement(?! learning)|payout\w*|fitness|utility|objective|feedback|earns?|earned|awarded"
    r"|maximi[sz]e\w*|minimi[sz]e\w*"
    r"|belohn\w*|bestraf\w*|strafe\w*|kosten|punkte?|gewinn\w*|r[ée]compens\w*|p[ée]nalit\w*"
    r"|(?:gets?|gives?|given|receives?|wins?|loses?|gains?|returns?|obtains?|worth) (?:a |an |\()?[-+−]?\d[\d.]*"
    r"|(?:cumulative|episod\w+|discounted|expected|total|average) returns?|(?:considered )?solved|(?:to|a) solv(?:e|ution))\b",
    re.IGNORECASE,
)
# `+1 for each step`, `r = -x**2`, `R(s, a) = …`, `- goal: +100`.
_FORMULA = re.compile(
    r"(?<![\w.)])[-+−]\d[\d.]*\W{1,3}(?:for|per|if|when\w*|on|at each|every|each|otherwise|else)\b"
    r"|^\W*[rRJ](?:_?t|_\w+)?(?: ?\([^)]*\))? ?(?:=|: ?[-+−]?\d)|: [-+−]\d[\d.]*\s*$",
    re.MULTILINE,
)


def speaks_of_reward(name: str) -> bool:
    """Whether a word of a name, in snake_case or CamelCase, means reward: `prev_shaping`, `healthyReward`, `ctrl_cost`."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    # `return_info`: a name that begins with the verb says what a function hands back.
    return any(word in _WORDS and not (word == "return" and i == 0 and len(words) > 1) for i, word in enumerate(words))


def text_speaks_of_reward(text: str) -> bool:
    """Whether a sentence, a row of a table or a message speaks of reward, or of what counts as solved."""
    return (
        _PROSE.search(text) is not None
        or _FORMULA.search(text) is not None
        or any(speaks_of_reward(name) for name in re.findall(r"\w+_\w+", text))
    )


def without_reward(name: str) -> str:
    """A name without its words of reward, for code that is something else too: `_reward_and_done` → `_and_done`."""
    words = [word for word in re.findall(r"_+|\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name) if not speaks_of_reward(word)]
    rest = re.sub(r"__+", "_", "".join(words)).strip("_")
    return ("_" if name.startswith("_") else "") + (rest or ("Other" if name[:1].isupper() else "other"))
