"""What selectors and feedback components are given and give: see `eureka.hookspecs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eureka.types import Note, Preference, Question


@dataclass(frozen=True, slots=True)
class Selected:
    """Parents that were chosen by something else than fitness alone.

    scores: candidate → what it was chosen by, larger is better. scored_by: what that is, for people, such as "rating of 12 comparisons".
    """

    parents: tuple[str, ...]
    scores: Mapping[str, float]
    scored_by: str


class FeedbackTools(Protocol):
    """What core does for a feedback component."""

    run_dir: Path
    """Of the run that is open."""

    def film(self, candidates: Sequence[str]) -> None:
        """Have a short video made of the best policy of each that has none yet: `feedback/<candidate>/clip.mp4` in the run's directory,
        or `why.txt` there says why there is none. Never raises for a policy that cannot be drawn."""

    def ask(self, question: Question) -> None:
        """Journal a question, unless one of its id is."""

    def answers(self) -> tuple[Note | Preference, ...]:
        """Everything people have said so far, oldest first, what waited in the inbox included (it is journalled now)."""

    def tell(self, where: str, people: int = 1) -> None:
        """Where people can answer, such as a link, and how many must have answered a question: shown while the run waits for them."""

    def wait(self, seconds: float) -> None:
        """Sleep at most so long; wakes up for an interrupt, which it lets through. Who watches the run sees that it waits for people."""


@dataclass(frozen=True, slots=True)
class OpenFeedback:
    """For `eureka feedback`: the run's directory, and where to listen.

    port: 0 takes any that is free. allow_hosts: names under which people reach this machine, beside `host` and those of loopback.
    """

    run_dir: Path
    host: str
    port: int
    allow_hosts: tuple[str, ...] = ()
