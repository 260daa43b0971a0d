"""Asks on the terminal: shows where each policy's video is and how it trained, and reads what is typed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Literal

from eureka.builtin.outside_text import plain
from eureka.builtin.terminal import Terminal
from eureka.builtin.undisturbed import undisturbed
from eureka.history import History
from eureka.hookspecs import FeedbackTools
from eureka.inbox import drop
from eureka.types import Note, Preference, Question
from eureka_human.questions import LONGEST, unanswered
from eureka_human.shown import blind_lines, policy_lines

_CHOICES: dict[str, Literal["left", "right", "tie", "both_bad"]] = {"l": "left", "r": "right", "t": "tie", "b": "both_bad"}


def ask_on_terminal(
    history: History, tools: FeedbackTools, questions: Sequence[Question], author: str, replaces: bool, overdue: Callable[[], bool]
) -> None:
    """Ask what is open, one after the other. Each answer goes to the run's inbox at once: an interrupt loses none that was given."""
    terminal = Terminal(left=lambda: False)
    with undisturbed():  # between two questions, too: a table of fitness would tell who compares what
        for question in unanswered(questions, tools.answers()):
            if overdue():
                return
            fields: dict[str, Any] = {"id": uuid.uuid4().hex, "author": author, "question": question.id}
            if question.about == "words":
                text = _words(terminal, history, tools, question, overdue)
                if text or not overdue():
                    drop(tools.run_dir, Note(text=text, replaces=replaces, time=time.time(), **fields))
            elif choice := _choice(terminal, history, tools, question, overdue):
                left, right = question.candidates
                drop(tools.run_dir, Preference(left=left, right=right, choice=choice, time=time.time(), **fields))
            tools.answers()  # journals what was dropped


def _words(terminal: Terminal, history: History, tools: FeedbackTools, question: Question, overdue: Callable[[], bool]) -> str:
    """What is typed up to a line with a single dot or Ctrl-D; empty where the first line is."""
    terminal.say(f"\nIteration {question.iteration + 1} has trained. Its best policies, by fitness:")
    for candidate in question.candidates:
        terminal.say("\n".join(policy_lines(history, history.by_id[candidate], tools.run_dir)))
    terminal.say("What is good in what they do, and what is bad? End with a line that is just a dot. Enter alone: nothing to say.")
    lines: list[str] = []
    while (line := terminal.line(overdue)) is not None and line.strip() != "." and (lines or line.strip()):
        lines.append(line)
    text = plain("\n".join(lines)).strip()
    if len(text) > LONGEST:
        terminal.say(f"That is {len(text):,} characters; the first {LONGEST:,} are kept.")
    return text[:LONGEST]


def _choice(
    terminal: Terminal, history: History, tools: FeedbackTools, question: Question, overdue: Callable[[], bool]
) -> Literal["left", "right", "tie", "both_bad"] | None:
    """None: nothing to say."""
    number = int(question.id.rpartition("pair")[2]) + 1
    terminal.say(f"\nComparison {number} after iteration {question.iteration + 1}: which of these two policies is better?")
    for side, candidate in zip(("left", "right"), question.candidates, strict=True):
        terminal.say("\n".join(blind_lines(history.by_id[candidate], tools.run_dir, question.id, side)))
    terminal.say("l: left, r: right, t: a tie, b: both bad. Enter alone: no answer.")
    while (line := terminal.line(overdue)) is not None and line.strip():
        typed = line.strip().lower()
        if choice := _CHOICES.get(typed) or next((name for name in _CHOICES.values() if name.replace("_", " ") == typed), None):
            return choice
        terminal.say(f"{line.strip()[:40]!r} is none of l, r, t, b. Once more, please:")
    return None
