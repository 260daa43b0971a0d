"""Answers that were written beforehand: what is taken, what is refused, and where it stands."""

from __future__ import annotations

import pytest

from eureka.errors import ConfigError, RunStopped
from eureka_human.answers_file import read_answers, said_in
from eureka_human.questions import questions_after


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "people.yaml"


def said(file, history, preferences=2, shown=3, replaces=False):
    questions = questions_after(history, 0, 0, shown=shown, preferences=preferences)
    return said_in(file, history, questions, 0, 0, replaces=replaces)


def test_words_and_preferences_answer_the_questions_they_are_about(make, file):
    file.write_text(
        "answers:\n"
        "- {after: r0i0, text: slower please}\n"
        "- {after: r0i0, prefer: [r0i0s01, r0i0s00], author: bob}\n"
        "- {after: r0i1, text: later}\n"
    )
    note, preference = said(file, make.iteration(2.0, 1.0, 0.0), replaces=True)
    assert (note.text, note.author, note.question, note.replaces) == ("slower please", "user", "r0i0.words", True)
    assert preference.author == "bob" and preference.question == "r0i0.pair0"
    better = {"left": preference.left, "right": preference.right}[preference.choice]
    assert better == "r0i0s01"  # whichever side the question has it on
    asked = questions_after(make.iteration(2.0, 1.0, 0.0), 0, 0, shown=3, preferences=2)[1]
    assert (preference.left, preference.right) == asked.candidates
    assert note.time < preference.time  # the later line counts


@pytest.mark.parametrize("choice", ["tie", "both_bad"])
def test_a_comparison_nobody_asked_for_counts_all_the_same(make, file, choice):
    file.write_text(f"answers: [{{after: r0i0, prefer: [r0i0s02, r0i0s01], choice: {choice}}}]")
    [preference] = said(file, make.iteration(2.0, 1.0, 0.0), preferences=0)
    assert (preference.left, preference.right, preference.choice, preference.question) == ("r0i0s02", "r0i0s01", choice, "")


def test_words_nobody_asked_for_replace_nothing(make, file):
    file.write_text("answers: [{after: r0i0, text: hm}]")
    [note] = said(file, make.iteration(2.0), shown=0, preferences=1, replaces=True)
    assert note.question == "" and not note.replaces


def test_what_was_said_before_is_not_said_again_also_when_lines_were_added(make, file):
    file.write_text("answers: [{after: r0i0, text: one}, {after: r0i0, text: one}]")
    [first] = said(file, make.iteration(2.0))
    file.write_text("answers: [{after: r0i0, text: zero}, {after: r0i0, text: one}]")
    again = said(file, make.iteration(2.0, notes=(first,)))
    assert [note.text for note in again] == ["zero"]


def test_where_the_file_says_nothing_the_run_goes_on(make, file):
    file.write_text("answers: []")
    assert said(file, make.iteration(2.0, 1.0)) == []


def test_who_did_not_train_cannot_be_preferred_and_is_left_out_with_a_warning(make, file, caplog):
    file.write_text("answers: [{after: r0i0, prefer: [r0i0s01, r0i0s00]}]")
    entries = [make.entry("r0i0s00", 1.0), make.entry("r0i0s01", None, status="failed")]
    assert said(file, make.grown(entries)) == []
    assert any("r0i0s01 did not train" in message for message in caplog.messages)


def test_a_candidate_there_is_none_of_stops_the_run_with_its_place_and_those_there_are(make, file):
    file.write_text("answers:\n- after: r0i0\n  prefer: [r0i0s01, r0i0s09]\n")
    with pytest.raises(RunStopped) as stopped:
        said(file, make.iteration(2.0, 1.0))
    assert "people.yaml:3:" in str(stopped.value) and "'r0i0s09' is no candidate" in str(stopped.value)
    assert "Trained: r0i0s00, r0i0s01" in str(stopped.value) and "eureka resume" in str(stopped.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("answers: [{after: r0i0}]", "people.yaml:1:11: answers[0]: has either text"),
        ("answers:\n- {after: r0i0, text: a, prefer: [a, b]}", "people.yaml:2:3: answers[0]: has either text"),
        ("answers: [{after: r0i0, text: a, choice: tie}]", "choice belongs to prefer"),
        ("answers: [{after: r0i0, prefer: [a, a]}]", "prefer names a twice"),
        ("answers: [{after: r0i0, prefer: [a]}]", "answers[0].prefer"),
        ("answers: [{after: 3, text: a}]", "answers[0].after"),
        ("answers: [{after: 'iteration 0', text: a}]", "answers[0].after"),
        ("answers: [{after: r0i0, txt: a}]", 'answers[0].txt: unknown key; did you mean "text"?'),
        ("answers: [{after: r0i0, prefer: [a, b], choice: best}]", "answers[0].choice"),
        ("- {after: r0i0, text: a}", "expected keys and values"),
        ("answer: []", 'did you mean "answers"'),
        ("", "is empty"),
    ],
)
def test_a_mistake_is_told_with_its_place(file, text, told):
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_answers(file)
    assert told in str(error.value) and "people.yaml" in str(error.value)
