"""What a worker that loads rewards itself can still do once it is confined, tried in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from eureka.worker.system_calls import call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")

TRY = """
import json, os, socket, sys, tempfile, threading
from pathlib import Path

from eureka.worker.worker_confinement import confine_worker, keep_temporary_files

isolation, port, base = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
(base / "job").mkdir()
keep_temporary_files(base / "job")
held = confine_worker(isolation, [base / "job", base / "trials" / "a"])


def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"


def in_a_thread():
    told = []
    thread = threading.Thread(target=lambda: told.append(tried(lambda: (base / "late").write_text("x"))))
    thread.start()
    thread.join()
    if told != ["done"]:
        raise PermissionError


(base / "job" / "old").write_text("x")
attempts = {
    "inside": lambda: (base / "trials" / "a" / "new").write_text("x"),
    "a folder inside": lambda: (base / "job" / "made").mkdir(),
    "moving inside": lambda: (base / "job" / "old").rename(base / "trials" / "a" / "moved"),
    "temporary": lambda: tempfile.TemporaryDirectory().cleanup(),
    "reading": lambda: (base / "mine").read_text(),
    "nothing": lambda: Path("/dev/null").write_text("x"),
    "outside": lambda: (base / "mine").write_text("x"),
    "new outside": lambda: (base / "new").write_text("x"),
    "removing": lambda: (base / "mine").unlink(),
    "beside": lambda: (base / "trials" / "b").mkdir(),
    "moving out": lambda: (base / "trials" / "a" / "new").rename(base / "out"),
    "a link": lambda: (base / "job" / "link").symlink_to("/"),
    "a pipe": lambda: os.mkfifo(base / "job" / "pipe"),
    "a thread": in_a_thread,
    "the environment of who started it": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "the network": lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
    "a signal": lambda: os.kill(os.getppid(), 0),
}
print(json.dumps([held, {name: tried(action) for name, action in attempts.items()}, tempfile.gettempdir()]))
"""
ALLOWED = {"inside", "a folder inside", "moving inside", "temporary", "reading", "nothing"}


def version() -> int:
    try:
        return call("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def found(tmp_path, isolation):
    (tmp_path / "mine").write_text("kept")
    if isolation == "none":  # else confining makes it
        (tmp_path / "trials" / "a").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [sys.executable, "-c", TRY, isolation, str(server.getsockname()[1]), str(tmp_path)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(version() < 6, reason="a kernel whose Landlock knows of less")
def test_it_writes_its_own_folders_only_and_reaches_nobody(tmp_path):
    held, tried, temporary = found(tmp_path, "best-effort")
    assert held == "worker:landlock" and temporary == str(tmp_path / "job" / "tmp")
    assert {name for name, end in tried.items() if end == "done"} == ALLOWED
    assert {end for name, end in tried.items() if name not in ALLOWED} == {"PermissionError"}
    assert (tmp_path / "mine").read_text() == "kept"


def test_without_isolation_nothing_is_taken_away(tmp_path):
    held, tried, _ = found(tmp_path, "none")
    assert held == "worker:none" and tried["outside"] == tried["the network"] == tried["a signal"] == "done"
