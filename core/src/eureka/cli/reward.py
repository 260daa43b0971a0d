"""`eureka reward check`, and the group it shares with `eureka reward eval`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.env import SIM, environment
from eureka.cli.reward_eval import evaluate
from eureka.cli.target import SET

if TYPE_CHECKING:
    from eureka.reward_check import Judged
    from eureka.types import Isolation


@click.group(commands=[evaluate])
def reward() -> None:
    """Check reward programs, or train with them."""


@reward.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--task", required=True, metavar="TASK|ID", help="What the rewards are for, as `eureka env describe` takes it.")
@SET
@SIM
@click.option(
    "--isolation",
    type=click.Choice(["require", "best-effort", "none"]),
    help="How surely the programs must be confined while they are tried. Default: what the config says, or require.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def check(files: tuple[str, ...], task: str, sets: tuple[str, ...], sim: str | None, isolation: Isolation | None, as_json: bool) -> None:
    """Say of each FILE whether a run would train with it: a model's answer as it came, or a plain Python program. `-` is standard input.

    The program found in it is judged by its syntax tree, then tried in a confined process on recorded and on made-up transitions. A line in
    a message is one of that program. Exits with 0 if all are accepted, with 1 if one is not.

    \b
    Examples:
      eureka reward check my_reward.py --task cartpole
      eureka reward check answers/*.txt --task Hopper-v5 --json
    """
    from eureka.reward_check import judge
    from eureka.reward_file import as_answer

    texts = {file: as_answer(file, read_text(file)) for file in dict.fromkeys(files)}
    with environment(task, sets, sim) as config:
        lines = _Lines(files, as_json)
        for judged in judge(config, [texts[file] for file in files], isolation or config.isolation or "require"):
            lines.take(judged)
    if not as_json:
        held = f" (isolation: {lines.isolation})" if lines.isolation else ""
        click.echo(f"{lines.accepted} of {len(files)} accepted{held}", err=True)
    sys.exit(0 if lines.accepted == len(files) else 1)


def read_text(file: str) -> str:
    """What the file holds, or a little more of it than an answer may have. Raises ConfigError."""
    from eureka.errors import ConfigError
    from eureka.extraction import MAX_BYTES
    from eureka.yaml_source import no_such_file

    try:
        with click.open_file(file, "rb") as stream:
            return str(stream.read(MAX_BYTES + 1), encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        raise ConfigError(no_such_file(Path(file))) from None
    except IsADirectoryError:
        raise ConfigError(f"{file}: is a directory; name the files in it: {file.rstrip('/')}/*") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}).") from None


class _Lines:
    """Prints a line for each file, in their order, as soon as it can."""

    def __init__(self, files: tuple[str, ...], as_json: bool) -> None:
        self._files = files
        self._line = self._json if as_json else self._text
        self._waiting: dict[int, str] = {}
        self._printed = 0
        self.accepted = 0
        self.isolation = ""

    def take(self, judged: Judged) -> None:
        """What came of one of the files."""
        self.isolation = judged.isolation or self.isolation
        self.accepted += judged.accepted
        self._waiting[judged.number] = self._line(self._files[judged.number], judged)
        while self._printed in self._waiting:
            click.echo(self._waiting.pop(self._printed))
            self._printed += 1

    @staticmethod
    def _json(file: str, judged: Judged) -> str:
        from eureka.builtin.outside_text import ERROR_LIMIT, plain

        said = judged.said
        why = {"stage": said.stage, "code": said.code, "message": plain(said.message, ERROR_LIMIT), "line": said.line}
        verdict = "accepted" if judged.accepted else "rejected"
        return json.dumps({"file": file, "verdict": verdict, **why, "seconds": round(judged.seconds, 6)})

    @staticmethod
    def _text(file: str, judged: Judged) -> str:
        from eureka.builtin.outside_text import ERROR_LIMIT, one_line

        name, said, repairs = one_line(file, 1000), judged.said, judged.found.repairs
        if judged.accepted:
            return f"ok  {name}" + (f" (mended: {one_line(', '.join(repairs))})" if repairs else "")
        line = f", line {said.line}" if said.line is not None else ""
        return f"rejected  {name} ({said.stage}{line}): {one_line(said.message, ERROR_LIMIT)}"
