"""Waiting for answers that are given on a page, with a stand-in for its server."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from eureka.errors import RunStopped
from eureka.events import RunEnd
from eureka.types import Note, Preference
from eureka_human import HumanFeedback


class Server:
    """Stands for the server's process."""

    started: list[Server]

    def __init__(self, run_dir: Path, host: str, port: int, dies: bool) -> None:
        self.link, self.alive = f"http://{host}:1/?token=t{len(Server.started)}", not dies

    def lives(self):
        return self.alive

    def stop(self):
        self.alive = False


@pytest.fixture
def servers(monkeypatch):
    Server.started, Server.dies = [], False

    def start(run_dir, host, port, allow_hosts):
        Server.started.append(Server(run_dir, host, port, Server.dies))
        return Server.started[-1]

    module = ModuleType("eureka_human.server_process")
    module.ServerProcess = SimpleNamespace(start=start)
    monkeypatch.setitem(sys.modules, "eureka_human.server_process", module)
    return Server.started


class Tools:
    """What core does for it: an inbox into which somebody says the next thing whenever the run waits."""

    def __init__(self, *to_come) -> None:
        self.run_dir, self.asked, self.filmed, self.told, self.said, self.waits = Path("run"), [], [], [], [], 0
        self.to_come = list(to_come)

    def film(self, candidates):
        self.filmed += candidates

    def ask(self, question):
        if question.id not in {q.id for q in self.asked}:
            self.asked.append(question)

    def answers(self):
        return tuple(self.said)

    def tell(self, where, people=1):
        self.told.append(where)

    def wait(self, seconds):
        self.waits += 1
        assert self.waits < 50
        if self.to_come:
            one = self.to_come.pop(0)
            self.said.append(one) if one is not None else Server.started[-1].stop()


def note(author="ann", question="r0i0.words", text="good"):
    return Note(id=f"{author}{question}", author=author, text=text, time=1, question=question)


def collect(history, tools, feedback=None, **options):
    feedback = feedback or HumanFeedback(HumanFeedback.Options(via="web", **options))
    assert feedback.eureka_collect_feedback(history, tools, 0, 0) is None
    return feedback


def test_the_run_waits_until_every_question_has_its_answers(make, servers):
    pair = Preference(id="p", author="ann", left="r0i0s00", right="r0i0s01", choice="tie", time=2, question="r0i0.pair0")
    tools = Tools(note("ann"), note("bob", text=""), pair, pair.model_copy(update={"id": "q", "author": "cyd"}))
    collect(make.iteration(2.0, 1.0), tools, preferences=1, people=2)
    assert tools.waits == 4 and tools.told == [servers[0].link]
    assert [q.id for q in tools.asked] == ["r0i0.words", "r0i0.pair0"]
    assert {*tools.filmed} == {"r0i0s00", "r0i0s01"}


def test_one_person_twice_is_one_person(make, servers):
    tools = Tools(note("ann"), note("ann"), note("bob"))
    collect(make.iteration(2.0), tools, people=2)
    assert tools.waits == 3


def test_where_nobody_waits_it_goes_on_at_once_and_says_where(make, servers, caplog):
    tools = Tools()
    feedback = collect(make.iteration(2.0), tools, wait=False)
    assert tools.waits == 0 and servers[0].link in caplog.text and servers[0].lives()
    collect(make.iteration(2.0), tools, feedback)
    assert len(servers) == 1  # kept for the next iteration
    feedback.eureka_on_run_end(RunEnd(run_dir=Path("run"), status="ended", summary={}))
    assert not servers[0].lives()


def test_when_it_takes_too_long_the_run_goes_on(make, servers, caplog):
    tools = Tools()
    collect(make.iteration(2.0), tools, timeout_s=1e-9)
    assert tools.waits == 0 and "the run goes on" in caplog.text


def test_a_server_that_ends_is_started_again_but_not_for_ever(make, servers):
    tools = Tools(None, note())
    collect(make.iteration(2.0), tools)
    assert len(servers) == 2 and tools.told == [server.link for server in servers]
    Server.dies = True
    with pytest.raises(RunStopped, match="Nothing that was said is lost"):
        collect(make.iteration(2.0), Tools())


def test_what_was_answered_before_starts_no_server(make, servers):
    tools = Tools()
    tools.said = [note()]
    collect(make.iteration(2.0), tools)
    assert servers == [] and tools.waits == 0


def test_where_nothing_trained_nobody_is_asked(make, servers):
    tools = Tools()
    collect(make.grown([make.entry("r0i0s00", None, status="failed")]), tools)
    assert servers == [] and tools.asked == []
