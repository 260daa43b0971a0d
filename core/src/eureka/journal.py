"""The journal: one writer, one line a record, synced to disk before anything is built on it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eureka.errors import ConfigError, JournalError, RunStopped
from eureka.journal_types import JournalRecord
from eureka.process import ProcessId, is_alive, this_process
from eureka.types import Record, RunHeader

FORMAT = 1
_ADAPTER: TypeAdapter[Record] = TypeAdapter(JournalRecord)


class Journal:
    """The open journal of a run. Holds the run's lock, which child processes do not inherit, until `close`."""

    def __init__(self, run_dir: Path) -> None:
        """Lock the run and read what is there; a torn last line is cut off.

        Raises ConfigError when another process has the run open, JournalError when an earlier line is broken or the
        journal was written by a newer version.
        """
        self.path = run_dir / "journal.jsonl"
        self._run_dir = run_dir
        self._lock = _take_lock(run_dir)
        try:
            self.records, size = _read(self.path)
            # Python opens files non-inheritable: a worker holds neither the journal nor its lock.
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            if os.fstat(self._fd).st_size != size:
                os.ftruncate(self._fd, size)
        except BaseException:
            os.close(self._lock)
            raise
        self._size = size

    def append(self, record: Record) -> None:
        """Write one record: one write, then fsync. Raises RunStopped when the disk is full; nothing half-written stays."""
        line = record.model_dump_json(by_alias=True).encode() + b"\n"
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._fd)
        except OSError as error:
            os.ftruncate(self._fd, self._size)
            raise RunStopped(
                f"{self.path}: cannot write ({error.strerror}). Everything before is kept: make room, then `eureka resume {self._run_dir}`."
            ) from None
        self._size += len(line)
        self.records.append(record)

    def close(self) -> None:
        """Let go of the run."""
        os.close(self._fd)
        os.close(self._lock)


def read_journal(path: Path) -> list[Record]:
    """All whole records, for readers: takes no lock, changes nothing."""
    return _read(path)[0]


def is_open(run_dir: Path) -> bool:
    """Whether a process of this machine has the run open. Looks at who took the lock: trying it would disturb one that begins."""
    try:
        content = json.loads((run_dir / "journal.lock").read_bytes())
        content.pop("since")
        return is_alive(ProcessId(**content))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def check_version(path: Path) -> None:
    """Raise JournalError where a newer version wrote the journal: its other files may not be readable either."""
    try:
        with path.open("rb") as file:
            first = file.readline()
    except FileNotFoundError:
        return  # its host died before it wrote anything
    if first.endswith(b"\n"):
        _check_format(path, first)


def _read(path: Path) -> tuple[list[Record], int]:
    """Records, and the size in bytes up to the end of the last whole line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    end = data.rfind(b"\n") + 1
    lines = data[:end].split(b"\n")[:-1]
    if lines and not _is_json(lines[-1]):  # a crash of the machine can leave a line's length on disk without its text
        end -= len(lines.pop()) + 1
    if lines:
        _check_format(path, lines[0])
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(_ADAPTER.validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise JournalError(
                f"{path}:{number}: this line is no record ({place}: {first['msg']}). Restore the file from a backup, "
                f"or cut it off before line {number} to go on from there."
            ) from None
    if records and not isinstance(records[0], RunHeader):
        raise JournalError(f"{path}:1: a journal starts with a `run` record; this is no run's journal.")
    return records, end


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _check_format(path: Path, first: bytes) -> None:
    """Raise before a newer version's records fail one by one for reasons that would only confuse."""
    try:
        header = json.loads(first)
        version = header["format"]
    except (ValueError, TypeError, KeyError):
        raise JournalError(f"{path}:1: a journal starts with a `run` record; this is no run's journal.") from None
    if version > FORMAT:
        raise JournalError(
            f"{path}: written by Eureka {header.get('eureka', '?')} in journal format {version}; this version reads up to {FORMAT}. "
            "Upgrade with: pip install -U eureka-core"
        )


def _take_lock(run_dir: Path) -> int:
    path = run_dir / "journal.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(fd, 4096, 0)
        os.close(fd)
        raise ConfigError(f"{run_dir}: in use by {_describe(holder)}. Wait for it, or stop it with Ctrl-C or `kill`.") from None
    os.ftruncate(fd, 0)
    os.pwrite(fd, json.dumps({**this_process()._asdict(), "since": time.time()}).encode(), 0)
    return fd


def _describe(holder: bytes) -> str:
    try:
        content = json.loads(holder)
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(content.pop("since")))
        process = ProcessId(**content)
    except (ValueError, TypeError, KeyError):
        return "another process"
    return f"process {process.pid} on {process.host} since {since}"
