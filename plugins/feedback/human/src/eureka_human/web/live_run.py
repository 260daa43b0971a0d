"""A run as it is now: read from its directory, without its lock, while a host may be writing to it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from eureka.config import Config
from eureka.history import History
from eureka.inbox import peek
from eureka.journal import is_open
from eureka.opened_run import read_run
from eureka.state import State
from eureka.types import Note, Preference, Question

Said = Note | Preference


@dataclass(frozen=True, slots=True)
class Seen:
    """A run at one moment. said: everything people said, oldest first, what still waits in the inbox included."""

    config: Config
    state: State
    said: tuple[Said, ...]
    going_on: bool

    def by(self, author: str) -> list[Said]:
        """What a person said, oldest first; of each question the latest answer, which is the one that counts."""
        mine = [one for one in self.said if one.author == author]
        latest = {one.question: one.id for one in mine if one.question}
        return [one for one in mine if not one.question or latest[one.question] == one.id]

    def open_to(self, author: str) -> list[Question]:
        """The questions a person has not answered, those of the latest iteration first; what may be told apart blindly goes before what
        tells which policy is which."""
        answered = {one.question for one in self.by(author)}
        return sorted(
            (q for q in self.questions() if q.id not in answered), key=lambda q: (-q.restart, -q.iteration, q.about == "words")
        )  # stable: as they were asked

    def questions(self) -> list[Question]:
        """All that can be shown, in the order they were asked."""
        asked, there = self.state.questions_to_people.values(), self.state.candidates
        return [q for q in asked if there.keys() >= {*q.candidates} and (q.about == "words" or len(q.candidates) == 2)]

    def people(self, question: str) -> int:
        """How many have answered it."""
        return len({one.author for one in self.said if one.question == question})

    def history(self) -> History | None:
        """The latest restart's, with all that was said; None before there is one."""
        if self.state.context is None or not self.state.candidates:
            return None
        history = self.state.history(max(candidate.restart for candidate in self.state.candidates.values()))
        return replace(
            history,
            notes=tuple(one for one in self.said if isinstance(one, Note)),
            preferences=tuple(one for one in self.said if isinstance(one, Preference)),
        )

    @property
    def replaces(self) -> bool:
        """Whether what people write takes the reflection's place in this run."""
        return any(spec.options.get("mode") == "replace" for spec in self.config.feedback)

    @property
    def iteration(self) -> int:
        """How many iterations have begun, of the restart that is on."""
        restart = max((c.restart for c in self.state.candidates.values()), default=0)
        return max((c.iteration + 1 for c in self.state.candidates.values() if c.restart == restart), default=0)


class LiveRun:
    """Reads a run again whenever its journal has changed. For many threads."""

    def __init__(self, run_dir: Path) -> None:
        self.dir = run_dir
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] = ()
        self._read: tuple[Config, State] | None = None

    def now(self) -> Seen:
        """Raises as `eureka.opened_run.read_run` does."""
        waiting = peek(self.dir)  # first: what leaves the inbox from here on is in the journal already
        with self._lock:
            stamp = _stamp(self.dir / "journal.jsonl", self.dir / "config.yaml")
            if self._read is None or stamp != self._stamp:
                self._read = read_run(self.dir)
                self._stamp = stamp
            config, state = self._read
        said: Mapping[str, Said] = {**{one.id: one for one in waiting}, **state.notes, **state.preferences}
        in_order = sorted(said.values(), key=lambda one: (one.time, one.id))
        last = state.sessions[-1].event if state.sessions else ""
        return Seen(config, state, tuple(in_order), last in ("started", "resumed") and is_open(self.dir))


def _stamp(*paths: Path) -> tuple[int, ...]:
    stats = [path.stat() for path in paths if path.exists()]
    return tuple(number for stat in stats for number in (stat.st_size, stat.st_mtime_ns))
