"""`eureka reward check`, and the group it shares with `eureka reward eval`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.env import SIM, environment
from eureka.cli.reward_eval import evaluate
from eureka.cli.target import SET

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.extraction import Extraction
    from eureka.screening import Refusal
    from eureka.types import Isolation, Verdict


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
    texts = {file: read_text(file) for file in dict.fromkeys(files)}
    with environment(task, sets, sim) as config:
        lines = _Lines(files, as_json)
        _check(config, [texts[file] for file in files], isolation or config.isolation or "require", lines)
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
            return str(stream.read(MAX_BYTES + 1), encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise ConfigError(no_such_file(Path(file))) from None
    except IsADirectoryError:
        raise ConfigError(f"{file}: is a directory; name the files in it: {file.rstrip('/')}/*") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}).") from None


def _check(config: Config, texts: list[str], isolation: Isolation, lines: _Lines) -> None:
    from eureka.checking import Checker
    from eureka.extraction import program_sha256
    from eureka.job_types import CheckJob
    from eureka.look import worker_failed, workplace
    from eureka.look_cache import look_again
    from eureka.screening import screen
    from eureka.types import Candidate

    with workplace(config) as (folder, jobs):
        context = look_again(config, folder, jobs)
        task = config.task if config.task.variables else config.task.model_copy(update={"variables": context.derived})
        job = CheckJob(run_dir=folder, task=task, context=context, isolation=isolation)
        with Checker(jobs, job, lambda ended: worker_failed(ended, "the programs could not be tried")) as checker:
            for number, text in enumerate(texts):
                started = time.perf_counter()
                found, refusal = screen(text, context)
                lines.found(found, time.perf_counter() - started)
                if refusal is not None:
                    lines.judged(number, refusal)
                else:
                    same = {"id": str(number), "sample": number, "code": found.code, "sha256": program_sha256(found.code)}
                    checker.submit(Candidate.model_validate({**same, "restart": 0, "iteration": 0}))
                for verdict in checker.ready():
                    lines.tried(verdict)
            for verdict in checker.rest():
                lines.tried(verdict)


class _Lines:
    """Prints a line for each file, in their order, as soon as it can."""

    def __init__(self, files: tuple[str, ...], as_json: bool) -> None:
        self._files = files
        self._line = self._json if as_json else self._text
        self._found: list[tuple[Extraction, float]] = []
        self._waiting: dict[int, str] = {}
        self._printed = 0
        self.accepted = 0
        self.isolation = ""

    def found(self, found: Extraction, seconds: float) -> None:
        """What the next file's text holds."""
        self._found.append((found, seconds))

    def tried(self, verdict: Verdict) -> None:
        """How a program did that had to be run."""
        self.isolation = verdict.isolation
        self.judged(int(verdict.candidate), verdict, verdict.seconds)

    def judged(self, number: int, said: Refusal | Verdict, seconds: float = 0.0) -> None:
        """What came of file `number`, and how long that took after its program was looked for."""
        found, before = self._found[number]
        self.accepted += said.stage is None
        self._waiting[number] = self._line(self._files[number], said, found.repairs, before + seconds)
        while self._printed in self._waiting:
            click.echo(self._waiting.pop(self._printed))
            self._printed += 1

    @staticmethod
    def _json(file: str, said: Refusal | Verdict, repairs: tuple[str, ...], seconds: float) -> str:
        from eureka.builtin.outside_text import ERROR_LIMIT, plain

        why = {"stage": said.stage, "code": said.code, "message": plain(said.message, ERROR_LIMIT), "line": said.line}
        verdict = "rejected" if said.stage else "accepted"
        return json.dumps({"file": file, "verdict": verdict, **why, "seconds": round(seconds, 6)})

    @staticmethod
    def _text(file: str, said: Refusal | Verdict, repairs: tuple[str, ...], seconds: float) -> str:
        from eureka.builtin.outside_text import ERROR_LIMIT, one_line

        name = one_line(file, 1000)
        if said.stage is None:
            return f"ok  {name}" + (f" (mended: {one_line(', '.join(repairs))})" if repairs else "")
        line = f", line {said.line}" if said.line is not None else ""
        return f"rejected  {name} ({said.stage}{line}): {one_line(said.message, ERROR_LIMIT)}"
