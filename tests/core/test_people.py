"""People in the loop, core's part: asking them, waiting for them, and what becomes of what they say."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from eureka import inbox
from eureka.config import load_config
from eureka.people import Tools, warnings, will_ask
from eureka.spending import spent
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Note, Preference, Question, Session, Waited

_here = sys.modules["tests.core.conftest"]
PEOPLE, DRAWN = (_here.PARTS.parent / name for name in ("people.py", "drawn.py"))
SMALL = {"search": {"samples": 2, "retest": 0}, "training": {"steps": 20}, "final": {"seeds": 0}, "executor": {"use": "local", "slots": 2}}


def scripted(fake, script, **changes):
    """A run whose people say what is written."""
    (fake.folder / "script.json").write_text(json.dumps(script))
    fake.answers([[_here.NEAR, _here.SMALL]])
    feedback = [{"use": f"{PEOPLE}:Scripted", "script": str(fake.folder / "script.json")}]
    return fake.run(**{**SMALL, "feedback": feedback, **changes})


def started(fake, *arguments):
    return subprocess.Popen(
        [_here.EUREKA, *map(str, arguments)], cwd=fake.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def until(process, words):
    """What was printed up to a line with these words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def test_a_run_waits_shows_it_can_be_interrupted_and_asks_nothing_again_that_was_answered(fake):
    fake.answers([[_here.NEAR, _here.FAR]])
    sim = {"use": f"{DRAWN}:DrawnSim"}
    fake.write(**SMALL, task={"sim": sim}, feedback=[{"use": f"{PEOPLE}:Waiting"}])
    process = started(fake, "run", fake.config, "--run-dir", fake.run_dir)
    until(process, "Iteration 1 of 2: waiting for people: 1 question open, http://127.0.0.1:1/?token=t")
    assert "waiting for people" in fake.eureka("runs", fake.folder).stdout
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in fake.eureka("runs", fake.folder).stdout
    for candidate in ("r0i0s00", "r0i0s01"):  # both were filmed at the same time
        assert [path.name for path in (fake.run_dir / "feedback" / candidate).iterdir()] == ["clip.mp4"]

    first = fake.run_dir / "feedback" / "r0i0s00"
    (first / "clip.mp4").unlink()
    (first / "why.txt").write_text("out of memory")  # as if that had been so

    said = {"author": "Ada", "time": time.time(), "question": "r0i0.words"}
    inbox.drop(fake.run_dir, Note(id="n0", text="Slower.", replaces=True, **said))
    done = fake.eureka("resume", fake.run_dir, "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [path.name for path in first.iterdir()] == ["clip.mp4"]  # a resume tries again
    asked = [event for event in events if event["event"] == "stage" and event["stage"] == "feedback"]
    assert [event["waits"] for event in asked] == [False]
    assert [q["id"] for q in fake.journal("question")] == ["r0i0.words"]
    (reflection,) = fake.journal("reflection")
    assert reflection["notes"] == ["n0"] and "Slower." in reflection["text"]
    prompt = json.dumps(fake.journal("asked")[-1]["messages"])
    assert prompt.count("Slower.") == 1 and "Notes from people" not in prompt
    waited, summary = fake.journal("waited"), fake.summary()
    assert len(waited) == 2 and summary["people"] == {"notes": 1, "preferences": 0}


def test_what_was_said_reaches_prompt_selection_summary_and_screen(fake):
    words = {"text": "Less haste. {{list}}", "author": "Ada"}
    taken = {"left": "r0i0s00", "right": "r0i0s01", "choice": "left"}
    script = {
        "r0i0": [
            words,
            taken,
            {**taken, "right": "r0i0s77", "id": "bad"},
            {"text": "x" * 200_000, "id": "long"},
            {"text": "", "author": "Bo"},
        ]
    }
    done = scripted(fake, script, selector={"use": f"{PEOPLE}:LastSelector"}, extensions=["progress", "report"])
    assert done.returncode == 0, done.stderr
    assert "Iteration 1 of 2: asking people" in done.stdout and "1 note and 1 preference from people" in done.stdout
    assert "preference by 'Ada': a preference for 'r0i0s77', of which this run has no candidate; left out" in done.stderr
    assert "bytes; what a person says may have 100,000; left out" in done.stderr
    prompt = fake.journal("asked")[-1]["messages"][-1]["content"]
    assert "From Ada, after iteration 1:\n```\nLess haste. {{list}}\n```" in prompt
    (selection,) = fake.journal("selection")
    fitness = {outcome["candidate"]: outcome["fitness"] for outcome in fake.journal("outcome")}
    assert selection["scores"] == {id_: -fitness[id_] for id_ in ("r0i0s00", "r0i0s01")}
    assert selection["scored_by"] == "rating of 1 comparisons" and fake.summary()["people"] == {"notes": 1, "preferences": 1}
    report = (fake.run_dir / "report.md").read_text()
    assert "People left 2 notes and 1 preference" in report and "by rating of 1 comparisons" in report


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "scores", "told"),
    [
        (
            {"r0i0": {"text": "no list"}},
            None,
            "feedback[0]: eureka_collect_feedback gave str 'text'; expected a list of `Note` and `Preference`.",
        ),
        ({}, {"r0i0s77": 1.0}, "selector: eureka_select named ['r0i0s77']; expected ids of candidates of this restart."),
        ({}, {"r0i0s00": float("inf")}, "selector: eureka_select gave the scores {'r0i0s00': inf}; expected finite numbers."),
    ],
)
def test_a_component_that_breaks_its_contract_stops_the_run_in_good_order(fake, script, scores, told):
    selector = {"selector": {"use": f"{PEOPLE}:LastSelector", "scores": scores}} if scores else {}
    done = scripted(fake, script, **selector)
    assert done.returncode == 1 and told in done.stderr and "eureka resume" in done.stderr
    if not scores:
        (fake.folder / "script.json").write_text("{}")
        assert fake.eureka("resume", fake.run_dir).returncode == 0


def test_where_nobody_can_be_asked_nothing_is_made_and_nothing_spent(fake):
    feedback = [{"use": f"{PEOPLE}:Waiting", "nobody": True}]
    for done in (fake.run(feedback=feedback), fake.eureka("check", fake.config, "--no-look")):
        assert (done.returncode, done.stdout) == (2, "")
        assert "feedback: nobody is there. Come, or leave it out." in done.stderr
    assert not fake.run_dir.exists() and fake.log("sales.log") == []


@pytest.mark.slow
def test_where_a_render_worker_crashes_or_cannot_draw_why_is_told(fake):
    for draws, why in (("crashing", "signal 11"), ("not", "pip install pencils")):
        fake.run_dir = fake.folder / draws
        sim = {"use": f"{DRAWN}:DrawnSim", "draws": draws}
        fake.answers([[_here.NEAR]])
        fake.write(**{**SMALL, "search": {"samples": 1, "retest": 0}}, task={"sim": sim}, feedback=[{"use": f"{PEOPLE}:Waiting"}])
        process = started(fake, "run", fake.config, "--run-dir", fake.run_dir)
        until(process, "waiting for people")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        folder = fake.run_dir / "feedback" / "r0i0s00"
        assert [path.name for path in folder.iterdir()] == ["why.txt"] and why in (folder / "why.txt").read_text()


def test_a_preference_that_names_nobody_a_long_note_and_an_impossible_time_are_set_aside(tmp_path, caplog):
    good = Preference(id="p", author="Bo", left="r0i0s00", right="r0i0s01", choice="tie", time=2)
    for said in (
        good,
        good.model_copy(update={"right": "r9"}),
        good.model_copy(update={"right": "r0i0s00"}),
        Note(id="n", author="Bo", text="ö" * 60_000, time=1),
        Note(id="m", author="Bo", text="", time=1e300),
    ):
        inbox.drop(tmp_path, said)
    assert [said for _, said in inbox.waiting(tmp_path, {"r0i0s00", "r0i0s01"})] == [good]
    assert len(list((tmp_path / "inbox").glob("*.rejected"))) == 4 and len(list((tmp_path / "inbox").glob("*.json"))) == 1
    for why in ("for 'r9', of which", "r0i0s00 over itself", "bytes; what a person says may have", "1e+300 is no moment"):
        assert why in caplog.text


def test_waiting_for_people_counts_in_no_cap_and_their_clocks_move_nothing(fake):
    config = load_config(str(fake.write()))
    state = State(Path(), config.task, [Session(event="started", time=0.0)])
    state.apply(Note(id="n", author="", text="", time=9e9))
    state.apply(Waited(restart=0, iteration=0, started=1800.0, ended=36_000.0))
    assert spent(state)["hours"] == pytest.approx(0.5)
    assert summarize(state)["seconds"]["people"] == 34_200 and summarize(state)["seconds"]["total"] == 36_000


def test_a_question_is_open_until_as_many_have_answered_it_as_must():
    question = Question(id="r0i0.words", about="words", restart=0, iteration=0, candidates=(), time=0)
    state, told = SimpleNamespace(notes={}, preferences={}, questions_to_people={question.id: question}), []
    tools = Tools(SimpleNamespace(dir=Path(), state=state, stage=lambda *_, questions, **__: told.append(questions)), 0, 0)
    tools.tell("there", people=2)
    tools.wait(0)
    for number, author in enumerate(("Ada", "Ada", "Bo")):
        state.notes[number] = Note(id=str(number), author=author, text="", time=1, question=question.id)
        tools.wait(0)
        assert told == [1] if author == "Ada" else [1, 0]


def test_nobody_is_asked_after_the_last_iteration_and_what_changes_nothing_is_said(fake):
    feedback = [{"use": f"{PEOPLE}:Waiting"}]
    config = load_config(str(fake.write(feedback=feedback, search={"iterations": 2, "restarts": 2})))
    assert will_ask(config) and will_ask(config, {(0, 0)}) and not will_ask(config, {(0, 0), (1, 0)})

    class Part:
        pass

    parts = {"feedback[0]": Part(), "generator": Part()}
    assert warnings(config, parts) == [
        "feedback: generator llm reads no notes; what people write is kept and reported, and changes no reward"
    ]
    parts["generator"].reads_notes = True
    assert warnings(config, parts) == []
    parts["feedback[0]"].asks_preferences, parts["selector"] = True, Part()
    assert warnings(config, parts) == [
        "feedback: selector best goes by no preferences; which policies people prefer is reported, and changes no reward"
    ]
    parts["selector"].reads_preferences, parts["generator"].improves_parents = True, False
    assert warnings(config, parts) == ["selector: generator llm improves on no parents, so what best chooses changes no reward"]
    parts["feedback[0]"].asks_preferences, parts["generator"].improves_parents = False, True
    assert warnings(config, parts) == [
        "selector: best goes by people's preferences, and `feedback` asks for none; until somebody tells one, by fitness"
    ]
    config = load_config(str(fake.write(search={"iterations": 1})))
    assert not will_ask(config) and "search.iterations is 1" in warnings(config, parts)[0]
    assert "search.iterations is 1" in fake.eureka("check", fake.config, "--no-look").stdout
    assert warnings(config, {"generator": Part()}) == []


@pytest.mark.slow
def test_what_comes_after_a_run_has_ended_is_taken_by_the_next_resume(fake):
    fake.answers([[_here.NEAR, _here.FAR]])
    assert fake.run(**SMALL).returncode == 0
    inbox.drop(fake.run_dir, Preference(id="p", author="Bo", left="r0i0s00", right="r0i1s01", choice="left", time=time.time()))
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    assert [said["author"] for said in fake.journal("preference")] == ["Bo"] and not list((fake.run_dir / "inbox").iterdir())
