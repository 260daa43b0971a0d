"""What people told a run, on its page and in its text."""

from __future__ import annotations

import sys

from eureka.inbox import drop
from eureka.report.markdown import markdown
from eureka.report.reading import read
from eureka.types import Note, Preference, Question, Reflection, Selection

HOSTILE = sys.modules["tests.core.report.conftest"].HOSTILE


def _people(made):
    """Two people after the first iteration, one of whom changed nothing; the rating chose the less fit."""
    fit, liked = made.candidate(0, 0, 0.9), made.candidate(0, 1, 0.5)
    made.records += [
        Question(id="r0i0.words", about="words", restart=0, iteration=0, candidates=(fit, liked), time=1e9),
        Note(id="n0", author=HOSTILE, text=HOSTILE, time=1e9 + 10, question="r0i0.words", replaces=True),
        Note(id="n1", author="Bo", text=" ", time=1e9 + 11, question="r0i0.words"),
        Note(id="n-", author="Bo", text="No!", time=1e9 + 5, question="r0i0.words"),
        Note(id="n2", author="", text="Nobody asked.", time=1e9 + 12),
        Preference(id="p0", author="Bo", left=fit, right=liked, choice="right", time=1e9 + 13, question="r0i0.pair0"),
        Preference(id="p-", author="Bo", left=fit, right=liked, choice="left", time=1e9 + 9, question="r0i0.pair0"),
        Preference(id="p1", author="Bo", left=liked, right=fit, choice="tie", time=1e9 + 14),
        Preference(id="p2", author="Ada", left=fit, right=liked, choice="both_bad", time=1e9 + 15),
        Selection(restart=0, iteration=0, parents=(liked,), scores={fit: -1.0, liked: 1.321}, scored_by="rating of 3 comparisons"),
        Reflection(restart=0, iteration=0, parent=liked, text="…", notes=("n0",)),
    ]


def test_notes_preferences_and_what_chose_the_parents_are_told(made):
    _people(made)
    page, text = made.page(), markdown(made.run()).replace("\\", "")
    for told in (
        "People left 4 notes and 3 preferences (2 by Bo, 1 by Ada).",
        "2001-09-09 01:46:50 UTC, after iteration 1, in place of the reflection",
        "Bo, 2001-09-09 01:46:51 UTC, after iteration 1: nothing to say, go on",
        "Bo, 2001-09-09 01:46:45 UTC, after iteration 1 (said anew later)",
        "someone, 2001-09-09 01:46:52 UTC",
        "Nobody asked.",
        "After iteration 1: r0i0s01, by rating of 3 comparisons: r0i0s01 1.321, r0i0s00 -1.",
    ):
        assert told in page.text and told in text
    assert ["r0i0s00", "0", "1", "1", "1"] in page.rows and ["r0i0s01", "1", "0", "1", "1"] in page.rows
    assert {"href": "#people"}.items() <= next(link for link in page.find("a") if link.get("href") == "#people").items()


def test_what_people_wrote_is_text_wherever_it_stands(made):
    _people(made)
    page = made.page()
    assert HOSTILE.splitlines()[0] in page.text and not any(page.find("img")) and len(page.scripts) == 3
    assert "\n````\n</script><img" in markdown(made.run())  # a longer fence than the one in the text


def test_what_waits_for_a_run_that_is_over_is_told_too(fake):
    fake.answers([["def compute_reward(x):\n    return -x, {'near': -x}"]])
    assert fake.run(search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0}).returncode == 0
    drop(fake.run_dir, Note(id="n", author="Bo", text="Come closer.", time=1e9))
    drop(fake.run_dir, Preference(id="p", author="Bo", left="r0i0s00", right="r7", choice="tie", time=1e9))  # of no candidate
    text = markdown(read(fake.run_dir))
    assert "Come closer." in text and "People left 1 note." in text and len(list((fake.run_dir / "inbox").iterdir())) == 2


def test_where_nobody_said_anything_there_is_no_section(made):
    made.candidate(0, 0, 0.9)
    page = made.page()
    assert "#people" not in {link.get("href") for link in page.find("a")} and "## People" not in markdown(made.run())


def test_of_very_many_and_long_notes_the_newest_are_shown_cut(made):
    made.records += [Note(id=f"n{n}", author="Bo", text=f"<{n}> " + "x" * 9000, time=1e9) for n in range(150)]
    page = made.page()
    assert "People left 150 notes, of which the newest 100 are here." in page.text
    assert "<49>" not in page.text and "<50>" in page.text and "<149>" in page.text and "x" * 4001 not in page.text
