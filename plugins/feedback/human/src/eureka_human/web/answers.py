"""From what a form says to a record in the run's inbox."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_args

from eureka.builtin.outside_text import one_line, plain
from eureka.inbox import drop
from eureka.types import Note, Preference, Question
from eureka_human.questions import LONGEST
from eureka_human.web.live_run import Said, Seen

Choice = Literal["left", "right", "tie", "both_bad"]
CHOICES: dict[str, str] = {"left": "left is better", "right": "right is better", "tie": "equally good", "both_bad": "both are bad"}


class Unanswered(Exception):
    """The form says nothing that could be kept. Its text is for the person."""


def name_of(given: str) -> str:
    """A person's name as it is kept: on one line, with nothing invisible in it."""
    return one_line(given, 60)


def words(seen: Seen, author: str, form: Mapping[str, str], question: Question | None = None) -> Note:
    """What a person wrote, or, where a question is to be passed over, an empty note. question: None where nobody asked."""
    text = "" if question is not None and form.get("nothing") else plain(form.get("text", ""), LONGEST).strip()
    if not text and not (question is not None and form.get("nothing")):
        raise Unanswered("There is no text yet. Write something" + (", or press “Nothing to say, go on”." if question is not None else "."))
    asked = {"question": question.id, "replaces": seen.replaces} if question is not None else {}
    return Note(id=uuid.uuid4().hex, author=author, text=text, time=time.time(), **asked)


def preference(author: str, form: Mapping[str, str], left: str, right: str, question: str = "") -> Preference:
    """Which of two candidates a person found better, as they were shown."""
    choice = form.get("choice", "")
    if choice not in get_args(Choice):
        raise Unanswered("Nothing was chosen. Press one of the four buttons.")
    said = {"id": uuid.uuid4().hex, "author": author, "time": time.time(), "question": question}
    return Preference(left=left, right=right, choice=cast(Choice, choice), **said)


def keep(run_dir: Path, seen: Seen, said: Said) -> None:
    """Leave it in the inbox, unless it is what this person has just said: a form may be sent twice when a connection breaks."""
    latest = next((one for one in reversed(seen.by(said.author)) if one.question == said.question), None)
    if latest is None or _content(latest) != _content(said):
        drop(run_dir, said)


def _content(said: Said) -> dict[str, object]:
    return said.model_dump(exclude={"id", "time"})
