"""`eureka feedback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eureka.component import Component
    from eureka.config import Config


@click.command()
@click.argument("run_dir", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default is for this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: the one this run had before, else any that is free.")
@click.option("--allow-host", "allow_hosts", multiple=True, metavar="NAME", help="A name people reach this machine by. May be repeated.")
def feedback(run_dir: Path, host: str, port: int, allow_hosts: tuple[str, ...]) -> None:
    """Let people watch the policies of the run in DIR and say what they think of them, until Ctrl-C.

    Prints a link to a page. It may be open while the run goes on or afterwards: what people say waits for the run, which takes it after
    its iteration, or when it is resumed. The link holds a token, the same one for all times: whoever has it may answer.

    \b
    Examples:
      eureka feedback runs/first
      eureka feedback runs/first --port 8123
    On another machine, seen from here:
      ssh -L 8123:127.0.0.1:8123 there eureka feedback runs/first --port 8123
    """
    from eureka.hookspecs import OpenFeedback
    from eureka.opened_run import read_run
    from eureka.registry import build_manager

    config, state = read_run(run_dir)
    hooks = build_manager({"feedback": _component(config)})
    hooks.hook.eureka_open_feedback(request=OpenFeedback(state.run_dir, host, port, allow_hosts))


def _component(config: Config) -> Component:
    """The run's own that can do it; where it has none, the one that comes with the plugin for people."""
    from eureka.contracts import implemented_hooks
    from eureka.registry import make, resolve
    from eureka.types import ComponentSpec

    for number, spec in enumerate(config.feedback):
        where = f"feedback[{number}]"
        if "eureka_open_feedback" in implemented_hooks(resolve("feedback", spec.use, where=where)):
            return make("feedback", spec, where)
    return make("feedback", ComponentSpec(use="human"))
