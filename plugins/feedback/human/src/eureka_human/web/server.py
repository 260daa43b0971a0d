"""Listens: the socket, the link to it, and the server in this process until it is asked to end."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from eureka.errors import ConfigError
from eureka.files import write_atomically
from eureka.opened_run import read_run
from eureka_human.web.app import App
from eureka_human.web.gate import LOOPBACK
from eureka_human.web.key import key_of
from eureka_human.web.reach import is_loopback, reason, warning

_PATIENCE_S = 2
"""How long a request that is being answered may take when the server is asked to end."""


class _Server(uvicorn.Server):
    """Says when the page can be asked for."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def run(run_dir: Path, host: str, port: int, allow_hosts: Sequence[str] = (), ready: Callable[[str], None] | None = None) -> None:
    """See `eureka_human.web.serve`."""
    run_dir = read_run(run_dir)[1].run_dir
    key = key_of(run_dir)
    with _listen(run_dir, host, port) as listening:
        port = listening.getsockname()[1]
        name = next(iter(allow_hosts), "127.0.0.1" if host in ("0.0.0.0", "::", "") else host)
        link = f"http://{f'[{name}]' if ':' in name else name}:{port}/?token={key.token}"
        if ready is None and not is_loopback(host):  # else whoever is told the link says so
            print(f"Warning: {warning(host, allow_hosts, '--allow-host NAME')}", file=sys.stderr, flush=True)
        app = App(run_dir, key).asgi([one.lower() for one in (host, *allow_hosts, *LOOPBACK)])
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,  # it would hold the token
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE_S,
        )
        with contextlib.suppress(KeyboardInterrupt):  # the way to end it
            _Server(config, lambda: ready(link) if ready is not None else _tell(link)).run([listening])


def _tell(link: str) -> None:
    print(f"The page is at {link}\nWhoever has this link may answer. Ctrl-C ends the page; what was said is kept.", flush=True)


def _listen(run_dir: Path, host: str, port: int) -> socket.socket:
    """A socket on the port, or for 0 on the one of last time, so that links and open pages still work; else on any that is free."""
    remembered = run_dir / "feedback" / "server.json"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for tried in (port,) if port else (_port_of(remembered, host), 0):
        try:
            listening = socket.create_server((host, tried), family=family)
        except (OSError, OverflowError) as error:
            if tried or port:
                why = error
                continue
            raise ConfigError(f"--host {host}: cannot be listened on ({reason(error)}). Give an address of this machine.") from None
        if tried or not remembered.exists():  # where the port of last time is taken, most likely by this run's other server, it stays so
            write_atomically(remembered, json.dumps({"host": host, "port": listening.getsockname()[1]}))
        return listening
    raise ConfigError(f"--port {port}: {host}:{port} cannot be listened on ({reason(why)}). Give another, or none for any that is free.")


def _port_of(remembered: Path, host: str) -> int:
    try:
        told = json.loads(remembered.read_text())
        return int(told["port"]) if told["host"] == host else 0
    except (OSError, ValueError, TypeError, KeyError):
        return 0
