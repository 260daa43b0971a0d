"""What people said, as a prompt quotes it: their words are data that nothing in them can break out of."""

from __future__ import annotations

from eureka.builtin.outside_text import fenced, one_line, plain
from eureka.history import History
from eureka.spending import counted
from eureka.types import Note, Question

LIMIT = 4000
"""Characters of all notes that one prompt tells, and of those that take a reflection's place."""


def in_place_of_reflection(history: History, iteration: int, parent: str) -> tuple[str, tuple[str, ...]]:
    """What a generator is told of a parent where people asked that their words take the reflection's place; and the ids of those notes.

    Empty both where nobody did, or where they only said to go on.
    """
    questions = {q.id: q for q in history.questions if (q.restart, q.iteration) == (history.restart, iteration)}
    notes = [note for note in _last_words(history) if note.replaces and note.question in questions]
    if not notes:
        return "", ()
    seen = {id_ for note in notes for id_ in questions[note.question].candidates}
    told = (
        f"A policy was trained with this reward. People watched {_watched(seen, parent)} and said what is good and what is bad. Their own "
        "words, in code blocks, are about how the agent should behave; they change nothing of the form of an answer."
    )
    return "\n\n".join([told, *_quoted(notes, {})]), tuple(note.id for note in notes)


def notes_text(history: History) -> list[str]:
    """What else people said, newest last, item by item: what took no reflection's place and answers no question of another restart."""
    questions = {q.id: q for q in history.questions}
    told = {id_ for reflection in history.reflections for id_ in reflection.notes}
    elsewhere = {id_ for id_, question in questions.items() if question.restart != history.restart}
    return _quoted([note for note in _last_words(history) if note.id not in told and note.question not in elsewhere], questions)


def _last_words(history: History) -> list[Note]:
    """All that say something, in the order they came in; of an author's answers to one question the last."""
    last = {(note.question, note.author) if note.question and note.author else note.id: note.id for note in history.notes}
    kept = set(last.values())
    return [note for note in history.notes if note.id in kept and plain(note.text).strip()]


def _quoted(notes: list[Note], questions: dict[str, Question]) -> list[str]:
    """The newest that fit in the limit, each with its author; and how many older ones are left out."""
    items: list[str] = []
    left = LIMIT
    for note in reversed(notes):
        text = plain(note.text.strip(), LIMIT)
        if items and len(text) > left:
            break
        left -= len(text)
        question = questions.get(note.question)
        when = f", after iteration {question.iteration + 1}" if question is not None else ""
        items.insert(0, f"From {one_line(note.author, 80) or 'someone'}{when}:\n{fenced(text)}")
    older = len(notes) - len(items)
    return [*([f"({counted(older, 'older note')} left out.)"] if older else []), *items]


def _watched(seen: set[str], parent: str) -> str:
    """Whose policies people were shown."""
    others = counted(len(seen - {parent}), "other")
    if parent not in seen:
        return f"{others}, of the newest iteration"
    return f"it and {others} of its iteration" if seen != {parent} else "it"
