"""Ctrl-C, SIGTERM, SIGHUP, a second Ctrl-C and Ctrl-Z, sent to a real run whose trainings take their time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eureka.process import state
from eureka.signals import Signals

EUREKA = str(Path(sys.executable).with_name("eureka"))


@pytest.fixture
def running(fake):
    """A run in the middle of its first trainings, in a process group of its own as a shell would have it."""
    fake.settings["trainer"]["sleep"] = 0.2
    fake.settings["executor"] = {"use": "local", "slots": 2, "stall_s": 5}
    fake.process = subprocess.Popen(
        [EUREKA, "run", str(fake.write()), "--run-dir", str(fake.run_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_a_shell_would,
    )
    # Both: one that is just starting its reward process waits for it, and shows as waiting even when both are stopped.
    wait_for(lambda: sum('"progress"' in path.read_text() for path in fake.run_dir.glob("jobs/*-train/events.jsonl")) == 2)
    yield fake
    if fake.process.poll() is None:
        fake.process.kill()
    fake.process.communicate()


def _as_a_shell_would():
    os.setpgrp()  # not a session: a process group without a parent in its session cannot be stopped by SIGTSTP
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests under nohup ignore it, and what they start would, too


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run_exits_130_says_how_to_go_on_and_leaves_nobody(running, number):
    running.process.send_signal(number)
    _, err = running.process.communicate(timeout=10)
    assert running.process.returncode == 130
    assert f"eureka resume {running.run_dir}" in err and "Traceback" not in err
    assert running.wait_until_gone() == []
    assert running.journal()[-1]["event"] == "interrupted"
    assert (running.run_dir / "summary.json").exists()


def test_a_run_stopped_by_ctrl_c_goes_on_where_it_was(running):
    running.process.send_signal(signal.SIGINT)
    running.process.communicate(timeout=10)
    resumed = running.eureka("resume", running.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert len(running.log("sales.log")) == 6


def test_a_second_ctrl_c_kills_at_once(running):
    # The host is held in the middle of leaving: the first signal alone would not end it.
    os.kill(running.process.pid, signal.SIGSTOP)
    os.kill(running.process.pid, signal.SIGINT)
    os.kill(running.process.pid, signal.SIGTERM)
    os.kill(running.process.pid, signal.SIGCONT)
    running.process.communicate(timeout=5)
    assert running.process.returncode == 130
    assert running.wait_until_gone() == []


def states(fake):
    """One letter per worker of the run, as `eureka.process.state`."""
    return [state(json.loads(path.read_text())["pid"]) for path in fake.run_dir.glob("jobs/*/process.json")]


def test_ctrl_z_stops_the_workers_too_and_fg_continues_them_without_calling_them_hung(running):
    os.kill(running.process.pid, signal.SIGTSTP)
    wait_for(lambda: states(running) and set(states(running)) == {"T"} and state(running.process.pid) == "T")
    time.sleep(5.5)  # longer than stall_s
    os.kill(running.process.pid, signal.SIGCONT)
    wait_for(lambda: "T" not in states(running))
    out, err = running.process.communicate(timeout=60)
    assert running.process.returncode == 0, err
    assert "failed" not in out


def test_nohup_is_respected(fake):
    fake.write(search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 0})
    process = subprocess.Popen(
        [EUREKA, "run", str(fake.config), "--run-dir", str(fake.run_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    wait_for((fake.run_dir / "journal.jsonl").exists)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_pause_in_the_middle_of_a_submission_reaches_the_worker_that_is_being_started(monkeypatch):
    stopped, heard = [], []

    class Worker:
        def pause(self):
            heard.append("pause")

        def go_on(self):
            heard.append("go on")

    monkeypatch.setattr(os, "kill", lambda pid, number: stopped.append(number))
    with Signals() as signals:
        with signals.deferred():
            signal.raise_signal(signal.SIGTSTP)
            signals.jobs.add(Worker())
            assert (stopped, heard) == ([], [])
        assert (stopped, heard) == ([signal.SIGTSTP], ["pause", "go on"]) and signals.pauses == 1
