"""What people are asked after an iteration, and what of it is still open."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from eureka.builtin.best import distinct, fitness_key
from eureka.history import History
from eureka.seeds import derive_seed
from eureka.types import Note, Preference, Question
from eureka_human.pairs import informative_pairs

LONGEST = 20_000
"""Characters of what somebody says at once: in UTF-8 and JSON well below `eureka.inbox.LIMIT`."""


def questions_after(history: History, restart: int, iteration: int, shown: int, preferences: int) -> list[Question]:
    """The questions after an iteration: about its best `shown` programs, and up to `preferences` comparisons. None where none trained.

    Those that were asked already stay as they are, so that a run which was killed asks the same ones again.
    """
    name = f"r{restart}i{iteration}"
    known = {question.id: question for question in history.questions}
    ids = [f"{name}.pair{number}" for number in range(preferences)]
    new: list[Question] = []

    def ask(id_: str, candidates: Sequence[str], **about: str) -> None:
        fields = {"id": id_, "candidates": tuple(candidates), "restart": restart, "iteration": iteration, "time": time.time(), **about}
        new.append(Question.model_validate(fields))

    best = distinct((e for e in history.trained() if e.candidate.iteration == iteration), lambda entry: fitness_key(history, entry))
    if not best:
        return []
    if shown and f"{name}.words" not in known:
        ask(f"{name}.words", [entry.id for entry in best[:shown]], about="words")
    missing = [id_ for id_ in ids if id_ not in known]
    pairs = informative_pairs(history, len(missing), derive_seed("design", "pairs", name))
    for id_, pair in zip(missing, pairs, strict=False):  # there may be fewer
        ask(id_, pair, about="preference")
    asked = known | {question.id: question for question in new}
    return [asked[id_] for id_ in [f"{name}.words"] * bool(shown) + ids if id_ in asked]


def unanswered(questions: Sequence[Question], said: Iterable[Note | Preference], people: int = 1) -> list[Question]:
    """The questions that fewer than so many people have answered. Words that are empty are an answer."""
    authors: dict[str, set[str]] = {}
    for one in said:
        authors.setdefault(one.question, set()).add(one.author)
    return [question for question in questions if len(authors.get(question.id, ())) < people]
