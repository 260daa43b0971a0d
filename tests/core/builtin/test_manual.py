"""A person as the model: with files, on a pseudo-terminal, and in a whole run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from eureka.builtin import manual
from eureka.builtin.manual import ManualLLM
from eureka.builtin.progress import Progress
from eureka.builtin.undisturbed import undisturbed
from eureka.errors import ModelFault
from eureka.events import RunEnd, RunStart, StageStart
from eureka.generator_types import CompletionRequest, Price
from eureka.types import Message

core = sys.modules["tests.core.conftest"]
TASK = (Message(role="system", content="You design.\n\n---\n\n# Rules"), Message(role="user", content="Go to zero."))
REPAIR = (*TASK, Message(role="assistant", content="Here."), Message(role="user", content="That raised."))


def start(run_dir: Path) -> RunStart:
    words = {"task": "t", "description": "d", "generator": "llm", "designed_by": "me"}
    numbers = {"iterations": 1, "samples": 2, "restarts": 1, "steps_per_candidate": 1, "resumed": False}
    return RunStart.model_validate({"run_dir": run_dir, **words, **numbers})


def request(*samples, messages=TASK, iteration=0, attempt=0):
    return CompletionRequest(messages=messages, samples=samples, restart=0, iteration=iteration, attempt=attempt)


class Asked:
    """The files a question is asked with, and what comes of it, in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "manual"
        self.llm = self.new()

    def new(self, **options) -> ManualLLM:
        llm = ManualLLM(ManualLLM.Options(**options))
        llm.eureka_on_run_start(start(self.folder.parent))
        return llm

    def ask(self, question: CompletionRequest) -> tuple[list, threading.Thread]:
        taken: list = []
        thread = threading.Thread(target=lambda: taken.extend(self.llm.eureka_complete(question)), daemon=True)
        thread.start()
        return taken, thread

    def question(self, name: str) -> str:
        until = time.monotonic() + 20
        while not (self.folder / name).exists() and time.monotonic() < until:
            time.sleep(0.01)
        return (self.folder / name).read_text()

    def answer(self, name: str, text: str) -> None:
        (self.folder / f"{name}.answer.md").write_text(text)


@pytest.fixture
def asked(tmp_path, monkeypatch):
    monkeypatch.setattr(manual, "_LOOK_S", 0.05)
    one = Asked(tmp_path)
    yield one
    one.llm.eureka_on_run_end(RunEnd(run_dir=tmp_path, status="ended", summary={}))  # whoever still waits


def test_a_question_is_a_file_with_the_whole_conversation_and_the_names_of_its_answers(asked, caplog):
    taken, thread = asked.ask(request(0, 7, iteration=2))
    text = asked.question("r0i2a0.prompt.md")
    assert all(message.content in text for message in TASK)
    assert re.findall(r"^=+ (.*) =+$", text, re.M) == ["system", "user"]
    assert re.findall(r"^- `(.*)`$", text, re.M) == ["r0i2s00.answer.md", "r0i2s07.answer.md"]
    asked.answer("r0i2s07", "seventh ünd\n")
    asked.answer("r0i2s00", "first")
    thread.join(20)
    assert [(a.sample, a.text, a.cost_usd, a.input_tokens) for a in sorted(taken, key=lambda a: a.sample)] == [
        (0, "first", None, 0),
        (7, "seventh ünd\n", None, 0),
    ]
    (said,) = caplog.messages
    assert said == f"llm: waiting for 2 answers to {asked.folder}/r0i2a0.prompt.md, which names the files they go into"


def test_an_answer_is_taken_once_it_is_no_longer_written(asked, monkeypatch):
    monkeypatch.setattr(manual, "_LOOK_S", 0.4)
    taken, thread = asked.ask(request(0))
    asked.question("r0i0a0.prompt.md")
    for length in range(40):
        asked.answer("r0i0s00", "x" * length + "\n")  # at first empty but for a line's end
        time.sleep(0.03)
    thread.join(20)
    assert [answer.text for answer in taken] == ["x" * 39 + "\n"]


def test_repairs_have_files_of_their_own_and_are_asked_at_the_same_time(asked):
    first, one = asked.ask(request(3, messages=REPAIR, attempt=1))
    asked.question("r0i0a1.prompt.md")
    second, two = asked.ask(request(5, messages=(*REPAIR, REPAIR[-1]), attempt=1))
    assert "- `r0i0s05a1.answer.md`" in asked.question("r0i0a1-2.prompt.md")
    asked.answer("r0i0s05a1", "five")
    two.join(20)
    asked.answer("r0i0s03a1", "three")
    one.join(20)
    assert [answer.text for answer in first + second] == ["three", "five"]


def test_the_same_question_asked_again_keeps_its_file_and_takes_the_answers_that_are_there(asked):
    asked.ask(request(0, 1, 2))
    asked.question("r0i0a0.prompt.md")
    asked.llm.eureka_on_run_end(RunEnd(run_dir=asked.folder.parent, status="interrupted", summary={}))
    asked.answer("r0i0s02", "while nobody looked")
    asked.llm = asked.new()
    taken, thread = asked.ask(request(2))
    thread.join(20)
    assert [answer.text for answer in taken] == ["while nobody looked"]
    assert sorted(path.name for path in asked.folder.glob("*.prompt.md")) == ["r0i0a0.prompt.md"]


def test_an_answer_to_another_question_is_set_aside_and_never_taken(asked, caplog):
    asked.llm = asked.new(folder=asked.folder)
    taken, _ = asked.ask(request(0))
    asked.question("r0i0a0.prompt.md")
    asked.llm.eureka_on_run_end(RunEnd(run_dir=asked.folder.parent, status="ended", summary={}))
    asked.answer("r0i0s00", "of the run before")
    asked.llm = asked.new(folder=asked.folder)
    taken, thread = asked.ask(request(0, messages=REPAIR))
    asked.question("r0i0a0-2.prompt.md")
    asked.answer("r0i0s00", "of this one")
    thread.join(20)
    assert [answer.text for answer in taken] == ["of this one"]
    assert (asked.folder / "r0i0s00.answer.old1.md").read_text() == "of the run before"
    assert any("r0i0s00.answer.md was there before its question was asked" in message for message in caplog.messages)


def test_what_is_no_file_is_no_answer_yet(asked):
    taken, thread = asked.ask(request(0, 1))
    asked.question("r0i0a0.prompt.md")
    (asked.folder / "r0i0s00.answer.md").mkdir()
    os.mkfifo(asked.folder / "r0i0s01.answer.md")  # whoever reads it waits for ever
    time.sleep(0.3)
    assert thread.is_alive() and not taken


def test_without_an_answer_in_time_what_is_there_is_kept_and_the_rest_is_a_fault_that_costs_nothing(asked):
    asked.llm = asked.new(timeout_s=0.5)
    answers = []
    threading.Timer(0.3, lambda: asked.answer("r0i0s01", "second")).start()
    with pytest.raises(ModelFault) as fault:
        for answer in asked.llm.eureka_complete(request(0, 1)):
            answers.append(answer.text)
    assert answers == ["second"]
    assert not fault.value.billed
    assert str(fault.value) == (
        f"llm: {asked.folder}/r0i0a0.prompt.md is without r0i0s00.answer.md 0.5 s long; llm.timeout_s=null waits for ever."
    )


def test_a_person_costs_nothing(asked):
    (quote,) = asked.llm.eureka_quote(request(4)).values()
    assert (quote.provider, quote.price) == ("manual", Price(input=0, output=0))


def test_a_terminal_must_be_one(tmp_path):
    script = (
        "from eureka.builtin.manual import ManualLLM\n"
        "from eureka.errors import ConfigError\n"
        "try: ManualLLM(ManualLLM.Options(via='terminal')).eureka_check_llm()\n"
        "except ConfigError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.stdout == 'llm.via: "terminal" needs a terminal, and standard input is none. Run it in one, or set llm.via=file.\n'
    ManualLLM(ManualLLM.Options(via="file")).eureka_check_llm()


def test_without_a_run_there_is_no_folder():
    with pytest.raises(ModelFault, match=r"llm\.folder: is null, .* Set llm\.folder=DIR"):
        ManualLLM(ManualLLM.Options()).eureka_complete(request(0))


@pytest.mark.parametrize("mode", ["plain", "live"])
def test_progress_waits_while_a_person_is_asked_and_says_it_then(tmp_path, make, capsys, mode):
    progress = Progress(Progress.Options(mode=mode))
    progress.eureka_on_run_start(start(tmp_path))
    with undisturbed():
        capsys.readouterr()
        progress.eureka_on_record(make.context(warnings=("mind the gap",)))
        progress.eureka_on_stage(StageStart(stage="generate"))
        time.sleep(0.4)  # the live view redraws four times a second
        assert capsys.readouterr().out == ""
    assert "mind the gap" in capsys.readouterr().out
    progress.eureka_on_record(make.context(warnings=("once more",)))
    assert "once more" in capsys.readouterr().out
    progress.eureka_on_run_end(RunEnd(run_dir=tmp_path, status="ended", summary={}))
    capsys.readouterr()
    with undisturbed():
        print("alone")
    assert capsys.readouterr().out == "alone\n"  # it has ended


# ── In a run ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SMALL_RUN = {"search": {"iterations": 1, "samples": 2, "retest": 0}, "final": {"seeds": 0}}


def wait_for(found, seconds=60.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_run_waits_for_files_is_left_at_once_and_goes_on_with_those_that_came_meanwhile(fake):
    fake.settings["llm"] = "manual"
    command = [core.EUREKA, "run", str(fake.write(**SMALL_RUN)), "--run-dir", str(fake.run_dir)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    question = fake.run_dir / "manual" / "r0i0a0.prompt.md"
    wait_for(question.exists)
    (question.parent / "r0i0s01.answer.md").write_text(core.NEAR)
    wait_for(lambda: fake.journal("completion"))
    sent = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and time.monotonic() - sent < 5
    assert f"waiting for 2 answers to {question}" in said
    (question.parent / "r0i0s00.answer.md").write_text(core.SMALL)
    resumed = fake.eureka("resume", fake.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert {c["sample"]: (c["text"], c["provider"], c["cost_usd"]) for c in fake.journal("completion")} == {
        0: (core.SMALL, "manual", 0.0),
        1: (core.NEAR, "manual", 0.0),
    }
    assert len(fake.journal("completion")) == 2 and fake.journal("asked")[-1]["samples"] == [0]


def test_on_a_terminal_answers_are_typed_sample_by_sample_and_nothing_is_drawn_meanwhile(fake):
    fake.settings["llm"] = {"use": "manual", "via": "terminal"}
    person = core.Person(fake.folder, "run", str(fake.write(**SMALL_RUN)), "--run-dir", str(fake.run_dir))
    person.sees(f"The question is in {fake.run_dir}/manual/r0i0a0.prompt.md (")
    person.sees("Answer 1 of 2, r0i0s00.")
    person.sees("Ctrl-D:")
    time.sleep(0.6)
    person.types(".\n")
    assert "\x1b" not in person.sees("Once more, please:")  # nothing was drawn while it waited
    person.types(core.NEAR + ".\n")
    person.sees("Answer 2 of 2, r0i0s01.")
    wait_for(lambda: fake.journal("completion"))
    person.types("half an ans")
    person.types("\x03")  # Ctrl-C
    person.sees("Go on with: eureka resume")
    assert person.leaves() == 130
    assert {c["sample"]: c["text"] for c in fake.journal("completion")} == {0: core.NEAR}

    person = core.Person(fake.folder, "resume", str(fake.run_dir))
    person.sees("Answer 1 of 1, r0i0s01.")
    person.types(core.SMALL + "\x04")  # Ctrl-D
    person.sees("trained")
    assert person.leaves() == 0
    assert {c["sample"]: c["text"] for c in fake.journal("completion")} == {0: core.NEAR, 1: core.SMALL}


def test_on_a_terminal_that_is_none_nothing_is_begun(fake):
    fake.settings["llm"] = {"use": "manual", "via": "terminal"}
    refused = fake.eureka("run", fake.write(**SMALL_RUN), "--run-dir", fake.run_dir, stdin=subprocess.DEVNULL)
    assert refused.returncode == 2, refused.stderr
    assert "llm.via" in refused.stderr and not fake.run_dir.exists()
