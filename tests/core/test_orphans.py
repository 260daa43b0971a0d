"""`kill -9` of the host, at the worst of times: nobody is left behind, and the run can be resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eureka.builtin.local import kill_leftovers
from eureka.process import descendants, identify, state

EUREKA = str(Path(sys.executable).with_name("eureka"))
LOOPS = """Here it is.
```python
def compute_reward(x, action):
    if len(x) == 20:  # a batch of the fake trainer's; checks have another size
        while True:
            pass
    return -abs(x), {'near': -abs(x)}
```
"""


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return value


@pytest.fixture
def begin(fake):
    """Starts a run on the fake parts in a process group of its own, as a shell would."""
    started = []

    def begin(**changes):
        argv = [EUREKA, "run", str(fake.write(**changes)), "--run-dir", str(fake.run_dir)]
        started.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=os.setpgrp))
        return started[0]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def rewards(host):
    """The reward processes of a run: the children of its workers' zygotes."""

    def is_zygote(pid):
        path = Path(f"/proc/{pid}/cmdline")
        return path.exists() and b"eureka.worker.zygote" in path.read_bytes()

    def parent(pid):
        path = Path(f"/proc/{pid}/stat")
        return int(path.read_text().rpartition(")")[2].split()[1]) if path.exists() else 0

    return [p.pid for p in descendants(host.pid) if is_zygote(p.pid) and is_zygote(parent(p.pid))]


def in_training(fake, host):
    """Reward processes of a run one of whose trainings has made an update: they have been called, and so are long bound to their zygote."""
    updated = any('"progress"' in path.read_text() for path in fake.run_dir.glob("jobs/*-train/events.jsonl"))
    return rewards(host) if updated else []


def test_a_run_killed_while_it_is_suspended_leaves_nobody_and_resumes(fake, begin):
    fake.write(training={"steps": 60}, search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0})
    host = begin(trainer={"sleep": 0.3}, executor={"use": "local", "slots": 1})
    pids = wait_for(lambda: in_training(fake, host))
    os.kill(host.pid, signal.SIGTSTP)
    wait_for(lambda: state(host.pid) == "T" and {state(pid) for pid in pids} == {"T"})
    assert sum("eureka.worker.zygote" in command for command in fake.processes()) >= 2
    # One that had only just been started could not yet be bound to its worker; resuming ends it.
    host.kill()
    host.wait()
    assert fake.wait_until_gone() == []
    resumed = fake.eureka("resume", fake.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert fake.wait_until_gone() == []


def test_a_run_killed_while_a_reward_loops_leaves_nobody(fake, begin):
    fake.answers([[LOOPS]])
    host = begin(search={"iterations": 1, "samples": 1})

    def looping():
        return [pid for pid in rewards(host) if time.clock_gettime((~pid << 3) | 2) > 0.3 and state(pid) == "R"]

    wait_for(looping)
    host.kill()
    host.wait()
    assert fake.wait_until_gone() == []


@pytest.fixture
def leaderless(tmp_path):
    """The record of a worker that is dead, and a stopped process it left in its group."""
    leave = "import subprocess; print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL).pid, flush=True); input()"
    leader = subprocess.Popen(
        [sys.executable, "-c", leave], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    left = int(leader.stdout.readline())
    os.kill(left, signal.SIGSTOP)
    path = tmp_path / "00001-train" / "process.json"
    path.parent.mkdir()
    path.write_text(json.dumps(identify(leader.pid)._asdict()))
    leader.communicate("\n")
    yield path, left
    os.kill(left, signal.SIGKILL)


def test_what_a_dead_worker_left_of_its_group_is_killed_on_resume(leaderless):
    path, left = leaderless
    assert kill_leftovers(path.parent.parent) == 1
    wait_for(lambda: state(left) in ("Z", ""))
    assert not path.exists()


@pytest.mark.parametrize("change", [{"boot": "another"}, {"host": "another"}, {"start": str(10**15)}, {"start": ""}])
def test_a_group_that_may_be_a_strangers_is_left_alone(leaderless, change):
    path, left = leaderless
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert kill_leftovers(path.parent.parent) == 0
    time.sleep(0.1)
    assert state(left) == "T"
