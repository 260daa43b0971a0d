"""What may become a variable, and names a reward can take as arguments."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

RESERVED = frozenset(("terminated", "native", "length", "action"))
MAX_NAME = 60

_STOP_WORDS = frozenset(
    ("a", "an", "and", "along", "at", "be", "between", "by", "for", "from", "in", "is", "of", "on", "that", "the", "to", "which", "with")
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ASIDE = re.compile(r"(?:^|\s)\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value of an environment that rewards might take.

    name: as near to the environment's own words as an identifier can be; `unique_name` makes it one. state: physical state, or seen by
    the policy.
    """

    name: str
    source: str
    meaning: str = ""
    unit: str = ""
    state: bool = False


def snake_case(name: str) -> str:
    """`linearVelocity` → `linear_velocity`."""
    return _CAMEL.sub("_", name).lower()


def words_of(text: str) -> str:
    """A documented phrase as a name, without asides and small words: `Cosine of `theta1` (rad)` → `cosine_theta1`."""
    words = re.findall(r"[A-Za-z0-9_]+", snake_case(_ASIDE.sub(" ", text)))
    return "_".join(word for word in words if word not in _STOP_WORDS) or "_".join(words)


def name_of(source: str) -> str:
    """The name a source gives itself: `env.legs[0].groundContact` → `legs_0_ground_contact`; the root is not part of it."""
    return "_".join(re.findall(r"[A-Za-z0-9_]+", snake_case(source))[1:])


def unique_name(candidate: Candidate, taken: Iterable[str]) -> str:
    """A valid name for it that is not taken: its own, else with its root (`env_length`), else numbered. The action is `action`."""
    if candidate.source == "action":
        return "action"
    root = candidate.source.partition(".")[0].partition("[")[0]
    own = re.sub(r"\W", "_", candidate.name, flags=re.ASCII)[:MAX_NAME].strip("_")
    names = [own, f"{root}_{own}"]
    names += [f"{names[-1]}_{i}" for i in range(2, 1000)]
    return next(name for name in names if _valid(name) and name not in taken)


def _valid(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith(("_", "prev_")) and name not in RESERVED
