"""Another process looks: whatever becomes of it is an answer, or one line that says why there is none."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from eureka.doctor.asking import NoAnswer, ask

PYTHON = Path(sys.executable)


def test_the_last_line_is_the_answer_whatever_was_printed_before():
    assert ask(PYTHON, "print('Importing module'); print('[1, 2]')") == [1, 2]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("raise SystemExit(3)", "no answer, exit code 3"),
    ],
)
def test_why_there_is_no_answer(code, message):
    with pytest.raises(NoAnswer) as error:
        ask(PYTHON, code)
    assert str(error.value) == message


def test_what_hangs_is_killed_with_all_it_started(tmp_path):
    started = tmp_path / "started"
    code = f"import os, time\nif os.fork() == 0:\n    open({str(started)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="no answer within 1 s"):
        ask(PYTHON, code, seconds=1)
    assert time.monotonic() - began < 20
    stat = Path("/proc", started.read_text(), "stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_what_is_no_program_is_said(tmp_path):
    (tmp_path / "python").write_text("text")
    with pytest.raises(NoAnswer, match=r"python cannot be run: Permission denied"):
        ask(tmp_path / "python", "")
