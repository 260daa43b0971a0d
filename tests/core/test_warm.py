"""Workers forked from a process that is warm: as those started anew, and none without it."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from eureka.builtin import local_handles
from eureka.builtin.local import LocalExecutor
from eureka.job_types import DescribeJob, WarmJob
from eureka.jobs import Jobs
from eureka.process import identify, is_alive
from eureka.registry import build_manager
from eureka.signals import Signals
from eureka.types import ComponentSpec, Task

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks are looked at in /proc")
PARTS = Path(__file__).parent / "fakes" / "parts.py"
TELLING = '''
import json, os, random, socket, sys, threading, time
import numpy as np
sys.path.insert(0, {parts!r})
from parts import HillClimber, PointSim
import eureka

class Telling(PointSim):
    """Says in its job's directory what it runs in."""

    @eureka.hookimpl
    def eureka_extract_context(self, request):
        ours = dict(group=os.getpgrp() == os.getpid(), session=os.getsid(0) == os.getpid(), parent=os.getppid())
        files = [os.readlink(f"/proc/self/fd/{{fd}}") for fd in (0, 1, 2)]
        python = dict(argv=sys.argv, path=sys.path[0], threads=threading.active_count())
        told = dict(environ=dict(os.environ), cwd=os.getcwd(), files=files, numbers=[random.random(), np.random.random()], **ours, **python)
        with open("told.json", "w") as file:
            json.dump(told, file)
        print("worked")
        return "A point."

class Staying(PointSim):
    """Lets go of its lifeline and does not end."""

    @eureka.hookimpl
    def eureka_extract_context(self, request):
        links = {{fd: os.readlink(f"/proc/self/fd/{{fd}}") for fd in range(3, 20) if os.path.lexists(f"/proc/self/fd/{{fd}}")}}
        for fd in [fd for fd, link in links.items() if link.startswith("socket:")]:
            socket.socket(fileno=os.dup(fd)).shutdown(socket.SHUT_WR)
        time.sleep(600)

class Threaded(HillClimber):
    @eureka.hookimpl
    def eureka_warm_up(self):
        threading.Thread(target=threading.Event().wait, daemon=True).start()

class Broken(HillClimber):
    @eureka.hookimpl
    def eureka_warm_up(self):
        raise RuntimeError("no library here")

class Dying(HillClimber):
    @eureka.hookimpl
    def eureka_warm_up(self):
        os._exit(3)
'''


class Workplace:
    """Jobs on the local executor, and a task over the point whose simulator says what it runs in."""

    def __init__(self, folder: Path, trainer: str) -> None:
        (folder / "telling.py").write_text(TELLING.format(parts=str(PARTS.parent)))
        self.folder, self.signals = folder, Signals()
        self.executor = LocalExecutor(LocalExecutor.Options(slots=2))
        self.jobs = Jobs(folder, build_manager({"executor": self.executor}), self.signals, slots=2, stall_s=60)
        sim = {"use": f"{folder}/telling.py:Telling"}
        variables = {"x": {"from": "x"}, "action": {"from": "action"}}
        task = {"name": "point", "description": "", "sim": sim, "variables": variables, "fitness": {"value": "native"}}
        self.task = Task.model_validate(task)
        self.warm_job = WarmJob(run_dir=folder, task=self.task, trainer=ComponentSpec(use=f"{folder}/telling.py:{trainer}"))

    def warm(self):
        self.begin_to_warm()
        assert self.executor._warm.ready(60)
        return self.executor._warm

    def begin_to_warm(self):
        """Which the first job does; here none is to run anew beside it."""
        self.jobs.keep_warm(self.warm_job)
        self.jobs._warm.before(self.warm_job)

    def describe(self, **changes):
        """One job: its directory, what its simulator said, and its result."""
        finished = self.jobs.run([DescribeJob(run_dir=self.folder, task=self.task, seed=1, **changes)])[0]
        told = json.loads((finished.dir / "told.json").read_text())
        result = json.loads((finished.dir / "result.json").read_text())
        return finished.dir, told, result


@pytest.fixture
def workplace(tmp_path):
    made = []

    def make(trainer="HillClimber"):
        made.append(Workplace(tmp_path, trainer))
        return made[-1]

    yield make
    for one in made:
        one.signals.kill_jobs()


@linux
def test_a_forked_worker_is_as_one_started_anew(workplace):
    place = workplace()
    anew_dir, anew, anew_result = place.describe()
    warm = place.warm()
    (first_dir, first, result), (_, second, _) = place.describe(), place.describe()
    assert anew.pop("parent") == os.getpid() and first.pop("parent") == second.pop("parent") == warm.pid
    assert first.pop("numbers") != second.pop("numbers")  # neither has the state that the other has
    anew.pop("numbers")
    assert json.loads(json.dumps(first).replace(str(first_dir), str(anew_dir))) == anew
    assert anew["group"] and anew["session"]
    assert (first_dir / "worker.log").read_text() == (anew_dir / "worker.log").read_text() == "worked\n"
    assert result == anew_result


@linux
def test_a_worker_that_needs_another_environment_is_started_anew(workplace, monkeypatch):
    place = workplace()
    place.warm()
    _, told, _ = place.describe(threads=2)
    assert told["parent"] == os.getpid() and told["environ"]["OMP_NUM_THREADS"] == "2"


@linux
def test_no_worker_is_forked_while_there_are_other_threads(workplace):
    place = workplace("Threaded")
    place.warm()
    folder, told, _ = place.describe()
    assert told["parent"] == os.getpid()
    assert "started anew, not forked: what it loaded runs 1 thread" in (folder / "worker.log").read_text()


@linux
def test_a_component_that_cannot_warm_up_is_no_reason_to_stop(workplace):
    place = workplace("Broken")
    warm = place.warm()
    assert place.describe()[1]["parent"] == warm.pid
    assert "no library here" in (place.folder / "jobs" / "00001-warm" / "worker.log").read_text()


@linux
def test_when_the_warm_process_is_killed_its_workers_end_as_for_want_of_memory_and_another_takes_its_place(workplace):
    place = workplace()
    warm = place.warm()
    slow = place.task.model_copy(update={"variables": {}})  # it would have to derive them, and cannot: stopped before it can say so
    for _ in range(10):
        running = place.jobs.start(DescribeJob(run_dir=place.folder, task=slow, seed=1))
        running.handle.pause()
        if not (running.dir / "result.json").exists():
            break
        running.handle.go_on()  # on a busy machine it was done before it could be stopped
        place.jobs.poll(running, 20)
    worker = identify(running.handle.pid)
    os.kill(warm.pid, signal.SIGKILL)
    ended = place.jobs.poll(running, 20)
    assert (ended.cause, ended.result) == ("memory", None) and not is_alive(worker)
    assert place.describe()[1]["parent"] in (os.getpid(), place.executor._warm.pid)
    assert place.executor._warm is not warm and place.executor._warm.ready(60)
    assert place.describe()[1]["parent"] == place.executor._warm.pid


@linux
def test_a_forked_worker_can_be_killed_and_what_it_left_is_gone(workplace):
    place = workplace()
    place.warm()
    running = place.jobs.start(DescribeJob(run_dir=place.folder, task=place.task, seed=1))
    assert json.loads((running.dir / "process.json").read_text())["pid"] == running.handle.pid
    running.handle.kill()
    assert place.jobs.poll(running, 20).cause == "memory"  # by a signal that nobody here meant
    assert not (running.dir / "process.json").exists()


@linux
def test_a_worker_that_lets_go_of_its_lifeline_and_does_not_end_is_killed_alone(workplace, monkeypatch):
    place = workplace()
    warm = place.warm()
    monkeypatch.setattr(local_handles, "_PATIENCE_S", 0.5)
    beside = place.jobs.start(DescribeJob(run_dir=place.folder, task=place.task, seed=1))
    beside.handle.pause()
    sim = place.task.sim.model_copy(update={"use": f"{place.folder}/telling.py:Staying"})
    stays = place.jobs.start(DescribeJob(run_dir=place.folder, task=place.task.model_copy(update={"sim": sim}), seed=1))
    worker = identify(stays.handle.pid)
    assert place.jobs.poll(stays, 30).cause == "memory" and not is_alive(worker)
    assert warm.lives() and is_alive(identify(beside.handle.pid))
    beside.handle.go_on()
    assert place.jobs.poll(beside, 30).cause == "" and place.describe()[1]["parent"] == warm.pid


@linux
def test_a_worker_leads_a_group_before_its_pid_is_known_so_that_it_can_be_killed_at_once(workplace):
    place = workplace()
    place.warm()
    for _ in range(20):
        running = place.jobs.start(DescribeJob(run_dir=place.folder, task=place.task, seed=1))
        assert os.getpgid(running.handle.pid) == os.getsid(running.handle.pid) == running.handle.pid
        running.handle.kill()
        place.jobs.wait(running)


@linux
def test_jobs_are_started_anew_where_the_warm_process_ends_before_it_is_ready(workplace):
    place = workplace("Dying")
    place.begin_to_warm()
    os.waitid(os.P_PID, place.executor._warm.pid, os.WEXITED | os.WNOWAIT)
    assert place.describe()[1]["parent"] == place.describe()[1]["parent"] == os.getpid()
