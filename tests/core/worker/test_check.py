"""The check: candidates come in and verdicts go out, line by line; what is the machine's fault is no verdict."""

from __future__ import annotations

import sys
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import EurekaError, IsolationMissing, RewardFailed
from eureka.hookspecs import Injection
from eureka.job_types import CheckJob, DescribeJob
from eureka.types import Candidate, Task, Verdict
from eureka.worker import check, describe
from eureka.worker.describe import RECORDINGS
from eureka.worker.protocol import Events
from eureka.worker.reward_client import RewardProcess

PARTS = Path(__file__).parents[1] / "fakes" / "parts.py"
NEAR = "import numpy as np\ndef compute_reward(x):\n    r = -np.abs(x)\n    return r, {'near': r}\n"
RESOURCE = RewardFailed("resource", "the reward process got too little CPU time to answer")
RAISED = RewardFailed("error", "NameError: name 'nothing' is not defined", 3)
linux = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")


def candidate(id_, code=NEAR, attempt=0):
    return Candidate(id=id_, restart=0, iteration=0, sample=0, code=code, sha256="", attempt=attempt)


@pytest.fixture
def point(tmp_path):
    """A described task over the point: the job that checks its candidates."""
    data = {
        "name": "point",
        "description": "Go to zero.",
        "sim": {"use": f"{PARTS}:PointSim"},
        "variables": {"x": {"from": "x"}, "action": {"from": "action"}},
        "fitness": {"value": "native"},
    }
    task = Task.model_validate(data)
    context = describe.run(DescribeJob(run_dir=tmp_path, task=task, seed=0), tmp_path, Events(tmp_path)).context
    return CheckJob(run_dir=tmp_path, task=task, context=context, isolation="best-effort")


class Running:
    """A check in a thread of its own, talked to through its files."""

    def __init__(self, job, folder):
        self.folder = folder
        folder.mkdir()
        self.thread = threading.Thread(target=lambda: check.run(job, folder, Events(folder)))
        self.thread.start()

    def write(self, text):
        with (self.folder / "candidates.jsonl").open("a") as file:
            file.write(text)

    def verdicts(self, count):
        """All verdicts so far, once there are as many as expected."""
        path, until = self.folder / "verdicts.jsonl", time.monotonic() + 20
        while time.monotonic() < until and (not path.exists() or path.read_bytes().count(b"\n") < count):
            time.sleep(0.002)
        return [Verdict.model_validate_json(line) for line in path.read_text().splitlines()]


@linux
def test_each_candidate_is_answered_as_soon_as_its_line_is_whole(point, tmp_path):
    running = Running(point, tmp_path / "job")
    line = candidate("r0i0s00", attempt=2).model_dump_json()
    running.write(line[:40])
    running.write(line[40:] + "\n")
    (first,) = running.verdicts(1)
    assert (first.candidate, first.accepted, first.attempt) == ("r0i0s00", True, 2)
    assert first.seconds > 0 and first.isolation
    running.write(candidate("r0i0s01", NEAR.replace("np.abs(x)", "np.abs(y)")).model_dump_json() + "\n")
    running.write(candidate("r0i0s02", NEAR.replace("(x):", "(y):")).model_dump_json() + "\n" + line + "\nend\n")
    running.thread.join(20)
    assert not running.thread.is_alive()
    verdicts = running.verdicts(4)
    assert [(v.candidate, v.code, v.line) for v in verdicts[1:3]] == [("r0i0s01", "error", 3), ("r0i0s02", "contract", None)]
    assert "argument `y` is no variable of this task" in verdicts[2].message
    assert [v.isolation for v in verdicts] == [first.isolation, first.isolation, "", first.isolation]
    assert verdicts[3].accepted and len(verdicts) == 4
    events = (tmp_path / "job" / "events.jsonl").read_text().splitlines()
    assert len(events) == 4 and '"trial": "r0i0s02", "steps": 3' in events[2]


@linux
def test_the_first_candidate_waits_no_longer_than_the_others(point, tmp_path, monkeypatch):
    """The process that starts rewards, with its slow imports, is there before."""
    monkeypatch.setattr(check, "_candidates", lambda path: iter([candidate(f"r0i0s{i:02}") for i in range(9)]))
    check.run(point, tmp_path, Events(tmp_path))
    seconds = [Verdict.model_validate_json(line).seconds for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert seconds[0] < 5 * np.median(seconds) + 0.02


@linux
def test_a_reward_process_maps_the_tasks_arguments_and_nothing_else(point, tmp_path, monkeypatch):
    """Here fitness, human reward and the environment's own are one: -|x|. None of its values is in the memory a process is given."""
    mapped, given, names = set(), set(), set()

    def call(self, variables, original=RewardProcess.call):
        answer = original(self, variables)
        memory = np.frombuffer(self._inputs.map, np.float64)
        mapped.update(memory[memory != 0].tolist())
        given.update(number for array in variables.values() for number in array.ravel().tolist())
        names.update(variables)
        return answer

    monkeypatch.setattr(RewardProcess, "call", call)
    code = NEAR.replace("(x)", "(x, prev_x, action, prev_action, terminated)", 1)
    monkeypatch.setattr(check, "_candidates", lambda path: iter([candidate("r0i0s00", code)]))
    check.run(point, tmp_path, Events(tmp_path))
    with np.load(tmp_path / RECORDINGS, allow_pickle=False) as archive:
        recorded = {name: archive[name] for name in archive.files}
    assert set(recorded) == names == {"x", "prev_x", "action", "prev_action", "terminated"}
    right = recorded["x"][recorded["x"] > 0]
    assert len(right) > 100 and set(right.tolist()) & mapped and not set((-right).tolist()) & mapped
    assert mapped <= given


@pytest.fixture
def verdict(monkeypatch, tmp_path):
    """Checks one candidate whose successive trials fail as given, None being success; returns its verdict."""

    def verdict(*failures):
        trials = iter(failures)

        class Host:
            def __init__(self, limits, isolation, library):
                assert limits.total_cpu_s == 2.0 and isolation == "require" and library == "numpy"

            def probe(self):
                return "seccomp+limits"

            def start(self, code, function, arguments):
                failure = next(trials)
                if failure is not None:
                    raise failure
                return types.SimpleNamespace(close=lambda: None, remark="", gave_up="")

            def close(self):
                assert next(trials, "none left") == "none left"

        hook = types.SimpleNamespace(eureka_inject_reward=lambda request: Injection(code=request.code, arguments=("x",)))
        monkeypatch.setattr(check, "RewardHost", Host)
        monkeypatch.setattr(check, "Smoke", lambda context, recordings: types.SimpleNamespace(check=lambda process, arguments: None))
        monkeypatch.setattr(check, "worker_hooks", lambda *args: types.SimpleNamespace(hook=hook))
        (tmp_path / RECORDINGS).parent.mkdir()
        np.savez(tmp_path / RECORDINGS, x=np.zeros(3))
        (tmp_path / "candidates.jsonl").write_text(candidate("r0i0s00").model_dump_json() + "\nend\n")
        context = types.SimpleNamespace(arguments=("x",), array_library="numpy")
        job = types.SimpleNamespace(task=None, run_dir=tmp_path, context=context, isolation="require")
        assert check.run(job, tmp_path, Events(tmp_path)).status == "ok"
        return Verdict.model_validate_json((tmp_path / "verdicts.jsonl").read_text())

    return verdict


def test_a_machine_that_fails_once_is_asked_again(verdict):
    found = verdict(RESOURCE, None)
    assert found.accepted and found.isolation == "seccomp+limits"


def test_what_the_candidate_does_at_the_second_trial_counts(verdict):
    found = verdict(RESOURCE, RAISED)
    assert (found.accepted, found.stage, found.code, found.line, found.isolation) == (False, "smoke", "error", 3, "seccomp+limits")


def test_a_machine_that_fails_twice_gives_no_verdict(verdict):
    with pytest.raises(EurekaError, match=r"candidate r0i0s00 could not be tried, twice: .*too little CPU time.*resume"):
        verdict(RESOURCE, RESOURCE)


def test_a_candidates_own_failure_is_not_tried_again(verdict):
    assert verdict(RAISED).code == "error"


def test_a_machine_that_cannot_confine_gives_no_verdict(verdict):
    with pytest.raises(IsolationMissing, match="no seccomp"):
        verdict(IsolationMissing("no seccomp"))


def test_a_verdicts_message_is_fit_for_a_model(verdict):
    found = verdict(RewardFailed("error", "ValueError: \x1b]0;owned\x07 do\nas I say " * 200))
    assert len(found.message) <= 800 and found.message.isprintable()
