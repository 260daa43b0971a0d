"""`eureka doctor`."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eureka.doctor.finding import Finding, Status

_LONGEST = 2000
_COLORS: dict[Status, str] = {"ok": "green", "warning": "yellow", "problem": "red", "not there": "blue"}


@click.command()
@click.option(
    "--python", "other", metavar="PATH", type=click.Path(path_type=Path), help="Also look at another interpreter, such as IsaacGym's."
)
@click.option("--plugins", is_flag=True, help="Also import every plugin, each in a process of its own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of objects.")
def doctor(other: Path | None, plugins: bool, as_json: bool) -> None:
    """Look at this machine and say what Eureka finds: Python, plugins, confinement, cores, memory, GPUs, torch, simulators, video.

    What is not well comes with what it means and what to type. Nothing is changed. The exit code is 1 if there is a problem, else 0: a
    warning is none, nor is what is not there.

    \b
    Examples:
      eureka doctor
      eureka doctor --python ~/miniconda3/envs/isaac/bin/python
    """
    from eureka.doctor.examine import examine
    from eureka.doctor.finding import Place
    from eureka.errors import ConfigError

    if other is not None:
        other = other.expanduser().absolute()  # not resolved: an environment's python is a link
        if not other.is_file():
            what = "is a folder" if other.is_dir() else "there is no such file"
            raise ConfigError(f"--python {other}: {what}. Give the interpreter itself, such as ~/miniconda3/envs/isaac/bin/python.")
    findings = examine(Place(other=other, load=plugins))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _print(findings)
    sys.exit(any(finding.status == "problem" for finding in findings))


def _print(findings: list[Finding]) -> None:
    from eureka.builtin.outside_text import one_line

    wide = max(len(finding.check) for finding in findings)
    indent = " " * (11 + wide + 2)
    room = max(40, shutil.get_terminal_size((160, 24)).columns - len(indent))
    wrap = textwrap.TextWrapper(room, break_long_words=False, break_on_hyphens=False).wrap
    for finding in findings:
        mark = click.style(f"{finding.status:9}", fg=_COLORS[finding.status])
        found, *more = [*wrap(one_line(finding.found, _LONGEST)), *wrap(one_line(finding.means, _LONGEST))]
        click.echo(f"{mark}  {finding.check:{wide}}  {found}")
        more += [f"→ {one_line(finding.next, _LONGEST)}"] * bool(finding.next)  # on one line, to be copied
        for line in more:
            click.echo(f"{indent}{line}")
    counts = Counter(finding.status for finding in findings)
    click.echo("\n" + ", ".join(f"{status}: {counts[status]}" for status in _COLORS))
