"""`eureka doctor` as a user meets it: the table, the JSON, the exit code, and a check that fails."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.doctor import examine as examining
from eureka.doctor import other_python
from eureka.doctor.finding import Finding, Place

EUREKA = sys.modules["tests.core.conftest"].EUREKA
install = sys.modules["tests.core.doctor.conftest"].install


@pytest.fixture
def quick(here):
    """Without the seconds that the real ones take."""
    install(here, torch="raise ImportError('none')", mujoco="raise ImportError('none')")


def test_all_checks_are_in_the_json_and_the_exit_code_says_whether_there_is_a_problem(quick, environment):
    environment.python.write_text("#!/bin/sh\nexit 3\n")
    command = [EUREKA, "doctor", "--json", "--python", str(environment.python)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = {line["check"]: line for line in json.loads(done.stdout)}
    assert {"Python", "Eureka", "confinement", "cores", "memory", "disk", "GPU", "torch", "gymnasium", "video", "other Python"} <= set(
        found
    )
    assert all(line["status"] == "ok" or (line["means"] and line["next"]) for line in found.values())
    assert done.returncode == 1 and found["other Python"]["status"] == "problem", done.stderr


def test_the_table_says_what_to_type(environment, monkeypatch):
    monkeypatch.setattr(examining, "CHECKS", {"other Python": other_python.check})
    done = CliRunner().invoke(main, ["doctor", "--python", str(environment.python)])
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert [
        "→",
        f"Get Isaac Gym Preview 4 from developer.nvidia.com/isaac-gym, then: {environment.python} -m pip install -e isaacgym/python",
    ] in lines
    assert lines[-1] == ["ok:", "1, warning: 0, problem: 0, not there: 1"] and done.exit_code == 0


def test_an_interpreter_that_is_not_there_is_bad_usage(tmp_path):
    done = CliRunner().invoke(main, ["doctor", "--python", str(tmp_path / "python")])
    assert done.exit_code == 2 and "there is no such file. Give the interpreter itself" in done.stderr


def test_a_check_that_fails_is_a_line_and_stops_no_other(monkeypatch):
    def breaks(place: Place):
        yield Finding("first", "ok", "seen before it broke")
        raise OSError("the disk is on fire")

    monkeypatch.setattr(examining, "CHECKS", {"odd": breaks, "even": lambda place: [Finding("even", "ok", "fine")]})
    odd, even = examining.examine(Place())
    assert odd.status == "warning" and "OSError: the disk is on fire" in odd.found and even.status == "ok"
