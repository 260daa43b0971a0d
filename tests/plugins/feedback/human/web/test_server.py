"""The page as a process: its link, its end, and what outlives it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from eureka.errors import ConfigError
from eureka_human.server_process import ServerProcess
from eureka_human.web.reach import is_loopback

from .conftest import EUREKA, Browser

KEY = "sk-planted-0a1b2c3d4e5f6g7h8i9j"


class Visitor:
    """A browser over the network, which stays open while servers come and go."""

    def __init__(self, link: str, name: str) -> None:
        self.base = link.partition("/?")[0]
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))
        self.get("/" + link.partition(self.base + "/")[2])
        self.fill("/name", name=name)

    def get(self, path: str) -> str:
        return self._opener.open(self.base + path, timeout=30).read().decode()

    def fill(self, path: str, **fields: str) -> str:
        key = Browser.key_in(self.get("/name"))
        return self._opener.open(self.base + path, urlencode({"key": key, **fields}).encode(), timeout=30).read().decode()


def test_a_server_that_is_killed_comes_back_where_it_was_with_all_that_was_said(made, serve):
    made.ask("r0i0.pair0", "r0i0s00", "r0i0s01")
    first = serve()
    ann = Visitor(first.link, "ann")
    assert "Kept." in ann.fill("/question/r0i0.pair0", choice="left")
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    with pytest.raises(urllib.error.URLError):
        ann.get("/")
    second = serve()
    assert second.link == first.link
    assert "left is better" in ann.get("/said")  # the page that was open still works
    assert "No open question" in ann.get("/") and len(made.said()) == 1
    assert second.end(signal.SIGINT) == 0 and "Traceback" not in second.output()
    assert (made.dir / "feedback" / "token").read_text() not in second.output().replace(second.link, "")


def test_two_servers_of_one_run_serve_the_same_and_a_port_that_is_taken_is_said(made, serve):
    first, second = serve(), serve()
    assert first.base != second.base and first.link.partition("?")[2] == second.link.partition("?")[2]
    port = first.base.rpartition(":")[2]
    third = subprocess.run([EUREKA, "feedback", made.dir, "--port", port], capture_output=True, text=True, timeout=60)
    assert third.returncode == 2 and f"--port {port}: 127.0.0.1:{port} cannot be listened on (Address already in use)." in third.stderr
    first.end()
    assert serve().link == first.link  # and not where the second was


def test_what_is_no_run_and_no_address_is_said(made):
    for arguments, said in ((["nothing"], "there is no such directory"), ([made.dir, "--host", "192.0.2.1"], "--host 192.0.2.1")):
        tried = subprocess.run([EUREKA, "feedback", *arguments], capture_output=True, text=True, timeout=60, cwd=made.folder)
        assert tried.returncode == 2 and said in tried.stderr and "Traceback" not in tried.stderr
    assert not (made.folder / "nothing").exists()


def test_names_that_people_use_are_let_in_when_they_are_named(made, serve):
    served = serve("--allow-host", "Robots.Example")
    port = served.base.rpartition(":")[2]
    assert served.base == f"http://Robots.Example:{port}"
    for host, status in (("robots.example", 403), ("other.example", 400)):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": f"{host}:{port}"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)
        assert refused.value.code == status


@pytest.mark.parametrize(("host", "local"), [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True)])
def test_loopback_is_told_from_the_rest(host, local):
    assert is_loopback(host) is local
    assert not any(is_loopback(other) for other in ("0.0.0.0", "::", "10.0.0.1", "robots.example", ""))


def test_a_host_gets_a_server_without_its_keys_and_ends_it(made, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = ServerProcess.start(made.dir, "127.0.0.1", 0)
    try:
        assert server.lives() and "Go to zero." in Visitor(server.link, "ann").get("/")
        (pid,) = _servers_of(os.getpid())
        assert KEY.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        with pytest.raises(ConfigError, match="cannot be listened on"):
            ServerProcess.start(made.dir, "127.0.0.1", int(server.link.partition("/?")[0].rpartition(":")[2]))
    finally:
        server.stop()
    assert not server.lives() and (made.dir / "feedback" / "server.log").read_bytes() == b""
    server.stop()  # twice is not wrong


def test_a_server_ends_with_the_host_that_was_killed(made):
    code = "import sys, time; from pathlib import Path; from eureka_human.server_process import ServerProcess\n"
    code += "server = ServerProcess.start(Path(sys.argv[1])); print(server.link, flush=True); time.sleep(60)"
    host = subprocess.Popen([sys.executable, "-c", code, str(made.dir)], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    link = host.stdout.readline().strip()
    port = json.loads((made.dir / "feedback" / "server.json").read_text())["port"]
    assert f":{port}/?token=" in link
    host.kill()
    host.communicate()
    until = time.monotonic() + 20
    while _answers(port) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _answers(port)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _servers_of(parent: int) -> list[int]:
    from eureka.process import children

    return [pid for pid in children(parent) if b"eureka_human.web" in Path(f"/proc/{pid}/cmdline").read_bytes()]
