"""Answers that were written beforehand, for studies: a YAML file with what is said after which iteration."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eureka.builtin.outside_text import plain
from eureka.errors import ConfigError, RunStopped
from eureka.history import History
from eureka.suggest import did_you_mean
from eureka.types import Note, Preference, Question
from eureka.validation import explain
from eureka.yaml_source import YamlSource, read_yaml
from eureka_human.questions import LONGEST

log = logging.getLogger("eureka")

_OTHER: dict[str, Any] = {"left": "right", "right": "left"}


class Answer(BaseModel):
    """One answer: words, or which of two policies is preferred."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: str = Field(pattern=r"^r\d+i\d+$", description="Restart and iteration, both from 0, such as r0i2.")
    text: str | None = Field(None, max_length=LONGEST, description="What is good and bad.")
    prefer: tuple[str, str] | None = Field(None, description="Two candidates, left and right, such as [r0i0s01, r0i0s03].")
    choice: Literal["left", "right", "tie", "both_bad"] = Field("left", description="Which of the two; left is the one named first.")
    author: str = Field("user", min_length=1, max_length=80, description="Who says so.")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Answer:
        if (self.text is None) == (self.prefer is None):
            raise ValueError("has either text, for words, or prefer, for a comparison of two policies")
        if self.prefer is None and self.choice != "left":
            raise ValueError("choice belongs to prefer, not to text")
        if self.prefer is not None and self.prefer[0] == self.prefer[1]:
            raise ValueError(f"prefer names {self.prefer[0]} twice; two different candidates are compared")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: tuple[Answer, ...]


def read_answers(path: Path) -> tuple[tuple[Answer, ...], YamlSource]:
    """The file's answers, and where each stands. Raises ConfigError with a line per mistake."""
    source = read_yaml(path)
    try:
        return _File.model_validate(source.data).answers, source
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, _File, source.data, (), source.at))) from None


def said_in(
    path: Path, history: History, questions: Sequence[Question], restart: int, iteration: int, replaces: bool
) -> list[Note | Preference]:
    """What the file says after this iteration and the history does not hold yet; where it says nothing, the run just goes on.

    A comparison that was not asked for counts all the same. Raises RunStopped for a candidate that there is none of.
    """
    answers, source = read_answers(path)
    before: list[Note | Preference] = [*history.notes, *history.preferences]
    known = {one.id for one in before}
    after, now = f"r{restart}i{iteration}", time.time()
    said: list[Note | Preference] = []
    for number, answer in enumerate(answers):
        # Of what it says, so that lines may be added to the file before a resume.
        id_ = f"file-{hashlib.sha256(answer.model_dump_json().encode()).hexdigest()[:16]}"
        if answer.after != after or id_ in known:
            continue
        known.add(id_)
        fields = {"id": id_, "author": answer.author, "time": now + number * 1e-6}  # the later one counts
        if answer.prefer is None:
            question = next((q.id for q in questions if q.about == "words"), "")
            said.append(Note(text=plain(answer.text or ""), question=question, replaces=replaces and bool(question), **fields))
        elif _trained(answer.prefer, history, source, number):
            said.append(_preference(answer, answer.prefer, questions, fields))
    missing = {question.id for question in questions} - {one.question for one in before + said}
    if missing:
        log.info("%s: says nothing to %s; the run goes on without", source.name, ", ".join(sorted(missing)))
    return said


def _preference(answer: Answer, prefer: tuple[str, str], questions: Sequence[Question], fields: dict[str, Any]) -> Preference:
    """As it was asked, if it was."""
    left, right = prefer
    asked = next((q for q in questions if q.about == "preference" and {*q.candidates} == {left, right}), None)
    choice = answer.choice
    if asked is not None and asked.candidates != prefer:
        left, right, choice = right, left, _OTHER.get(choice, choice)
    return Preference(left=left, right=right, choice=choice, question=asked.id if asked else "", **fields)


def _trained(prefer: tuple[str, str], history: History, source: YamlSource, number: int) -> bool:
    """Whether both have policies. Raises RunStopped where one is no candidate at all."""
    for place, candidate in enumerate(prefer):
        if candidate not in history.by_id:
            valid = [entry.id for entry in history.trained()]
            raise RunStopped(
                f"{source.at(('answers', number, 'prefer', place))}: answers[{number}].prefer: {candidate!r} is no candidate so far"
                f"{did_you_mean(candidate, valid)} Trained: {', '.join(valid[-20:])}. Mend the file, then: "
                f"eureka resume {history.by_id[valid[0]].run_dir if valid else 'DIR'}"
            )
        if not history.by_id[candidate].trained:
            log.warning("%s: answers[%d].prefer: %s did not train, so there is nothing to prefer; left out", source.name, number, candidate)
            return False
    return True
