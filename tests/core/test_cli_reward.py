"""`eureka reward check`, and what it keeps of an environment for the next time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.extraction import MAX_BYTES

FAKES = sys.modules["tests.core.conftest"]

# Counts how often it was described, and fails to check where it is told to.
SIM = f"""\
import os
from pathlib import Path

import eureka
from eureka.user_code import load_file

PointSim = load_file(Path({str(FAKES.PARTS)!r})).PointSim


class Sim(PointSim):
    class Options(PointSim.Options):
        fault: str = ""

    def __init__(self, options):
        super().__init__(options)
        if Path.cwd().name.endswith("-describe"):
            with Path(__file__).with_name("described.log").open("a") as log:
                log.write("described\\n")
        if Path.cwd().name.endswith("-check") and self.options.fault == "raises":
            raise RuntimeError("no motor")
        if Path.cwd().name.endswith("-check") and self.options.fault == "dies":
            print("a last word", flush=True)
            os._exit(3)
"""
TASK = {
    "name": "point",
    "description": "Go to zero.",
    "sim": {"use": "sim.py:Sim"},
    "variables": {"x": {"from": "x"}, "action": {"from": "action"}},
    "fitness": {"value": "native"},
}
GOOD = "import numpy as np\n\n\ndef compute_reward(x):\n    near = -np.abs(x)\n    return near, {'near': near}\n"
ASKS_FOR_MORE = GOOD.replace("np.abs(x)", "np.random.rand(len(x))")
RAISES = GOOD.replace("    return", "    if len(x):\n        raise ValueError('\\x1b]0;owned\\x07 done')\n    return")
ENDLESS = GOOD.replace("near = -np.abs(x)", "near = -np.abs(x)\n    while x[0] == x[0]:\n        pass")


class Folder:
    """A user's folder with a task of theirs, and a cache and a place for temporary files of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "temporary").mkdir()
        self.write("sim.py", SIM)
        self.write("task.yaml", json.dumps(TASK))  # JSON is YAML
        self.write("prose.txt", "I would rather not.")

    def write(self, name: str, content: str | bytes) -> None:
        (self.path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def check(self, *arguments: str, stdin: str | None = None):
        return CliRunner().invoke(main, ["reward", "check", *arguments], input=stdin)

    def described(self) -> int:
        """How often the environment was described so far."""
        log = self.path / "described.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("eureka.look_cache.code_stamp", lambda: "")  # somebody may be at work on Eureka's own files
    monkeypatch.chdir(tmp_path)
    yield Folder(tmp_path)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_every_file_gets_a_line_in_the_order_given_and_one_that_is_rejected_makes_it_fail(folder):
    folder.write("answer.txt", f"Here it is.\n{GOOD}")
    folder.write("more.py", ASKS_FOR_MORE)
    folder.write("raises.py", RAISES)
    folder.write("latin.py", GOOD.encode() + "# grün\n".encode("latin-1"))
    folder.write("empty.txt", "")
    with open("large.txt", "wb") as file:
        file.write(GOOD.encode())
        file.truncate(10_000_000)  # zeros that take no room
    names = ["raises.py", "answer.txt", "more.py", "-", "latin.py", "empty.txt", "large.txt", "answer.txt"]
    done = folder.check(*names, "--task", "task.yaml", "--json", stdin=GOOD)
    assert (done.exit_code, done.stderr) == (1, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == names
    assert {tuple(line) for line in lines} == {("file", "verdict", "stage", "code", "message", "line", "seconds")}
    assert [(line["verdict"], line["stage"], line["code"], line["line"]) for line in lines] == [
        ("rejected", "smoke", "error", 7),
        ("accepted", None, "", None),
        ("rejected", "static", "not_allowed", 5),
        ("accepted", None, "", None),
        ("accepted", None, "", None),
        ("rejected", "extract", "no_program", None),
        ("rejected", "extract", "no_program", None),
        ("accepted", None, "", None),
    ]
    assert "owned" in lines[0]["message"] and not any(ord(c) < 32 for c in lines[0]["message"])
    assert f"{MAX_BYTES // 1000} kB" in lines[6]["message"]
    assert all(0 < line["seconds"] < 2 for line in lines)

    done = folder.check("raises.py", "answer.txt", "more.py", "--task", "task.yaml", "--isolation", "none")
    raises, answer, more = done.stdout.splitlines()
    assert (
        raises.startswith("rejected  raises.py (smoke, line 7): ValueError: ") and "\x1b" not in done.stdout and "\x07" not in done.stdout
    )
    assert answer.startswith("ok  answer.txt (mended: ")
    assert more.startswith("rejected  more.py (static, line 5): `np.random` is not allowed")
    assert done.stderr == "1 of 3 accepted (isolation: none)\n"
    assert folder.described() == 1

    folder.write("docstring.py", GOOD.replace("    near", '    """As in\n    ```\n    compute_reward(x)\n    ```\n    """\n    near', 1))
    folder.write("answer.py", f"Here it is.\n```python\n{GOOD}```\n")
    done = folder.check("latin.py", "docstring.py", "answer.py", "--task", "task.yaml")
    assert (done.exit_code, done.stdout) == (0, "ok  latin.py\nok  docstring.py\nok  answer.py\n")  # a file needs no fence


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("raises", 2, 'Error: task.sim: "{sim}" cannot be made: '),
        ("dies", 1, "Error: the programs could not be tried: the worker ended with code 3 and no result"),
    ],
)
def test_a_worker_that_fails_is_told_with_what_it_said(folder, fault, code, message):
    folder.write("good.py", GOOD)
    done = folder.check("good.py", "--task", "task.yaml", "--set", f"task.sim.fault={fault}")
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith(message.format(sim=f"{folder.path}/sim.py:Sim"))
    assert ("no motor" if fault == "raises" else "\n  a last word\n") in done.stderr
    assert "temporary" not in done.stderr


def test_an_interrupt_while_a_program_runs_leaves_nothing_behind(fake, folder):
    folder.write("endless.py", ENDLESS)
    command = [FAKES.EUREKA, "reward", "check", "endless.py", "--task", "task.yaml"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not list((folder.path / "temporary").glob("*/jobs/*-check/candidates.jsonl")):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.02)
    assert fake.processes() != []
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "Interrupted.\n")
    assert process.returncode == 130
    assert fake.wait_until_gone() == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["good.pi", "--task", "cartpole"], "Error: good.pi: no such file. Beside it: nothing like it."),
        (["sim.py", "sum.py", "--task", "cartpole"], 'Error: sum.py: no such file; did you mean "sim.py"?'),
        (["cache/", "--task", "cartpole"], "Error: cache/: is a directory; name the files in it: cache/*"),
        (["circle.py", "--task", "cartpole"], "Error: circle.py: cannot be read ("),
        (["prose.txt", "--task", "no.yaml"], "Error: no.yaml: no such file"),
        (["prose.txt", "--task", "cartpole", "--set", "task.nmae=x"], "task.nmae: unknown key"),
        (["prose.txt"], "Error: Missing option '--task'."),
        (["--task", "cartpole"], "Error: Missing argument 'FILE…'."),
        (["prose.txt", "--task", "cartpole", "--isolation", "off"], "'off' is not one of 'require', 'best-effort', 'none'."),
    ],
)
def test_bad_usage_is_told_before_anything_is_tried(folder, arguments, expected):
    (folder.path / "cache").mkdir()
    (folder.path / "circle.py").symlink_to("circle.py")
    done = folder.check(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert expected in done.stderr
    assert list((folder.path / "cache").iterdir()) == []


@pytest.mark.parametrize("command", ["check", "eval"])
def test_a_slip_in_the_name_of_a_task_is_guessed_at(folder, command):
    done = CliRunner().invoke(main, ["reward", command, "prose.txt", "--task", "cartpol"])
    assert done.exit_code == 2 and not (folder.path / "runs").exists()
    assert done.stderr.startswith("Error: sim.env: ") and done.stderr.endswith('Or did you mean the task "cartpole"?\n')
