"""The web page on which people watch policies and say what they think: server-rendered, in one process, over the run's directory alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path


def serve(
    run_dir: Path, host: str = "127.0.0.1", port: int = 0, allow_hosts: Sequence[str] = (), ready: Callable[[str], None] | None = None
) -> None:
    """Serve a run's page until Ctrl-C or SIGTERM.

    port: 0 takes the one this run's page had before, else any that is free. allow_hosts: names under which people reach this machine,
    beside `host` and those of loopback. ready: is given the link once the page can be asked for; without it the link is printed.
    Raises ConfigError for a directory that is no run and for an address that cannot be listened on.
    """
    from eureka_human.web.server import run

    run(run_dir, host, port, allow_hosts, ready)
