"""What people told the run, and what the selector made of it: notes, preferences, and the scores that parents were chosen by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from eureka.builtin.outside_text import one_line, plain
from eureka.builtin.progress_lines import number
from eureka.report.reading import Reported
from eureka.report.words import clock
from eureka.spending import counted
from eureka.types import Note, Preference, Selection

_TEXT, _NOTES, _SCORES = 4000, 100, 8
CHOICES = ("won", "lost", "tie", "both bad")


@dataclass(frozen=True, slots=True)
class Told:
    """One note. head: who, when and after which iteration, and what became of it. text: empty where they only said to go on."""

    head: str
    text: str


def told(run: Reported) -> list[Told]:
    """The newest notes, oldest first."""
    replaced = {id_ for reflection in run.state.reflections.values() for id_ in reflection.notes}
    return [Told(_head(run, note, note.id in replaced), plain(note.text, _TEXT).strip()) for note in [*run.state.notes.values()][-_NOTES:]]


def summed_up(run: Reported) -> str:
    """How much people said; empty where nobody said anything."""
    notes, preferences = len(run.state.notes), _preferences(run)
    by = Counter(one_line(preference.author, 80) or "someone" for preference in preferences)
    names = ", ".join(f"{count} by {author}" for author, count in by.most_common(_SCORES))
    said = [
        *([counted(notes, "note") + (f", of which the newest {_NOTES} are here" if notes > _NOTES else "")] if notes else []),
        *([f"{counted(len(preferences), 'preference')} ({names}{', …' if len(by) > _SCORES else ''})"] if preferences else []),
    ]
    return f"People left {' and '.join(said)}." if said else ""


def _preferences(run: Reported) -> list[Preference]:
    """Those that stand: of what somebody said to a question, or to a pair that nobody asked about, the latest."""
    said = sorted(run.state.preferences.values(), key=lambda one: (one.time, one.id))
    return list({(one.author, one.question or frozenset((one.left, one.right))): one for one in said}.values())


def preference_table(run: Reported) -> tuple[list[str], list[list[str]]]:
    """Header and a row for each candidate that was compared, by its id."""
    counts: dict[str, Counter[str]] = {}
    for one in _preferences(run):
        for id_, side in ((one.left, "left"), (one.right, "right")):
            how = "tie" if one.choice == "tie" else "both bad" if one.choice == "both_bad" else "won" if one.choice == side else "lost"
            counts.setdefault(id_, Counter())[how] += 1
    return ["candidate", *CHOICES], [[id_, *(str(counts[id_][how]) for how in CHOICES)] for id_ in sorted(counts)]


def selections(run: Reported) -> list[str]:
    """How parents were chosen, a sentence for each iteration after which something else than fitness did."""
    return [_chosen(run, selection) for _, selection in sorted(run.state.selections.items()) if selection.scored_by]


def _chosen(run: Reported, selection: Selection) -> str:
    best = sorted(selection.scores.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{id_} {number(score)}" for id_, score in best[:_SCORES]) + (", …" if len(best) > _SCORES else "")
    parents = ", ".join(selection.parents) or "nobody"
    scores = f": {shown}" if shown else ""
    return f"After {_place(run, selection.restart, selection.iteration)}: {parents}, by {one_line(selection.scored_by)}{scores}."


def _head(run: Reported, note: Note, replaced: bool) -> str:
    question = run.state.questions_to_people.get(note.question)
    after = f", after {_place(run, question.restart, question.iteration)}" if question is not None else ""
    newer = note.question and any(
        (one.question, one.author) == (note.question, note.author) and one.time > note.time for one in run.state.notes.values()
    )
    became = " (said anew later)" if newer else "" if note.text.strip() else ": nothing to say, go on"
    return (
        f"{one_line(note.author, 80) or 'someone'}, {clock(note.time)}{after}{', in place of the reflection' if replaced else ''}{became}"
    )


def _place(run: Reported, restart: int, iteration: int) -> str:
    return f"restart {restart + 1}, iteration {iteration + 1}" if run.config.search.restarts > 1 else f"iteration {iteration + 1}"
