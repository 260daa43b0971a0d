"""The journal: what is appended is there, what is torn is cut, what is broken is named."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from eureka import inbox, journal
from eureka.errors import JournalError, RunStopped
from eureka.journal import Journal, read_journal
from eureka.types import Note, RunHeader, Session


def header(**changes):
    return RunHeader(**({"format": 1, "eureka": "0.1.0", "task": "t", "seed": 0, "config_sha256": "x", "time": 1.0} | changes))


def session(message=""):
    return Session(event="started", time=2.0, message=message)


@pytest.fixture
def open_journal(tmp_path):
    opened = Journal(tmp_path)
    opened.append(header())
    yield opened
    opened.close()


def test_records_come_back_equal_and_in_order(tmp_path, open_journal):
    open_journal.append(session("a\nb ü"))
    assert read_journal(open_journal.path) == [header(), session("a\nb ü")]


def test_every_record_is_synced_before_append_returns(open_journal, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    open_journal.append(session())
    assert len(synced) == 1


@pytest.mark.parametrize("torn", [b'{"kind":"sess', b'{"kind":"session"', b"\0\0\0\0\n"])
def test_a_torn_last_line_is_ignored_by_readers_and_cut_off_before_the_next_append(tmp_path, torn):
    first = Journal(tmp_path)
    first.append(header())
    first.close()
    with first.path.open("ab") as file:
        file.write(torn)
    assert read_journal(first.path) == [header()]
    second = Journal(tmp_path)
    second.append(session())
    second.close()
    assert [json.loads(line)["kind"] for line in first.path.read_text().splitlines()] == ["run", "session"]


def test_a_broken_earlier_line_is_an_error_with_its_number(tmp_path, open_journal):
    open_journal.append(session())
    lines = open_journal.path.read_text().splitlines(keepends=True)
    open_journal.path.write_text(lines[0] + '{"kind":"session","event":"flown"}\n' + lines[1])
    with pytest.raises(JournalError, match=r"journal\.jsonl:2: this line is no record"):
        read_journal(open_journal.path)


def test_a_journal_of_a_newer_version_says_so_and_how_to_upgrade(tmp_path):
    (tmp_path / "journal.jsonl").write_text('{"kind":"run","format":99,"eureka":"9.0","hitherto":"unknown"}\n')
    with pytest.raises(JournalError, match=r"written by Eureka 9\.0 in journal format 99.*pip install -U"):
        Journal(tmp_path)


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    (tmp_path / "journal.jsonl").write_text('{"some":"json"}\n{"more":1}\n')
    with pytest.raises(JournalError, match="no run's journal"):
        Journal(tmp_path)


def test_a_second_writer_is_told_who_has_the_run(tmp_path, open_journal):
    code = f"from eureka.journal import Journal; from pathlib import Path; Journal(Path({str(tmp_path)!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert other.returncode != 0
    assert f"in use by process {os.getpid()} on " in other.stderr
    content = json.loads((tmp_path / "journal.lock").read_text())
    assert set(content) == {"host", "boot", "pid", "start", "since"}


def test_children_do_not_inherit_the_lock(tmp_path):
    first = Journal(tmp_path)
    code = "import sys; print('here', flush=True); sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False)
    child.stdout.readline()  # descriptors close a moment after exec wakes the parent
    try:
        first.close()
        again = Journal(tmp_path)  # raises where the child still holds the lock
        assert again.records == []
        again.close()
    finally:
        child.communicate()


def test_a_lock_of_a_dead_holder_is_no_obstacle(tmp_path):
    code = f"import os, pathlib, eureka.journal as j\nj.Journal(pathlib.Path({str(tmp_path)!r}))\nos.kill(os.getpid(), 9)"
    died = subprocess.run([sys.executable, "-c", code], check=False)
    assert died.returncode == -9  # it had the lock: else it would have ended with an error
    again = Journal(tmp_path)
    assert again.records == []
    again.close()


def test_a_full_disk_stops_the_run_resumably_and_leaves_nothing_half_written(open_journal, monkeypatch):
    before = open_journal.path.read_bytes()
    write = os.write

    def half(fd, data):
        write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal.os, "write", half)
    with pytest.raises(RunStopped, match=r"No space left on device.*eureka resume"):
        open_journal.append(session())
    monkeypatch.undo()
    assert open_journal.path.read_bytes() == before
    open_journal.append(session())
    assert len(read_journal(open_journal.path)) == 2


def test_notes_dropped_into_the_inbox_come_oldest_first_and_broken_ones_are_set_aside(tmp_path):
    for name, when in (("late", 5.0), ("early", 3.0)):
        inbox.drop(tmp_path, Note(id=name, author="a", text="t", time=when))
    (tmp_path / "inbox" / "x.json").write_text("{}")
    assert [note.id for _, note in inbox.waiting(tmp_path)] == ["early", "late"]
    assert (tmp_path / "inbox" / "x.rejected").exists()
