"""`eureka runs`."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.table import print_table

if TYPE_CHECKING:
    from eureka.run_list import ListedRun

_DEFAULT = Path("runs")


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=_DEFAULT)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of objects.")
def runs(folder: Path, as_json: bool) -> None:
    """List the runs in DIR (runs/ unless told) and in the folders below it, newest first.

    SEARCH is the best reward's fitness in the search, FINAL its mean over the trainings of the final evaluation, on fresh episodes; ITER
    are the iterations done of those planned. A run that was interrupted or killed, stopped at a fault from outside or at a cap of `budget`,
    goes on with: eureka resume DIR

    \b
    Examples:
      eureka runs
      eureka runs ~/experiments --json
    """
    from eureka.errors import ConfigError

    if not folder.is_dir() and folder != _DEFAULT:
        raise ConfigError(f"{folder}: there is no such folder. Give one that holds runs; without one it is ./runs.")
    from eureka.run_list import list_runs

    found = list_runs(folder)
    if as_json:
        click.echo(json.dumps([_data(folder, run) for run in found], indent=2, ensure_ascii=False))
    elif found:
        _print(folder, found)
    else:
        click.echo(f"There are no runs in {folder}. Begin one: eureka run cartpole")


def _data(folder: Path, run: ListedRun) -> dict[str, object]:
    return {"name": _name(folder, run), **dataclasses.asdict(run), "dir": str(run.dir.absolute())}


def _print(folder: Path, found: list[ListedRun]) -> None:
    from eureka.builtin.outside_text import one_line

    cost = any(run.cost_usd or run.unpriced for run in found)
    rows = [_cells(folder, run, cost) for run in found]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print_table(("STARTED", "STATE", "ITER", "SEARCH", "FINAL", *["COST"] * cost, "TIME", "RUN"), rows, width)
    for run in found:
        if run.error:
            click.echo(f"\n{one_line(_name(folder, run))} is broken: {one_line(run.error, 400)}")


def _cells(folder: Path, run: ListedRun, cost: bool) -> tuple[str, ...]:
    from eureka.builtin.outside_text import one_line
    from eureka.builtin.progress_lines import number
    from eureka.estimate import dollars

    name = one_line(_name(folder, run), 1000)
    if run.task not in name:  # names are `<task>-<time>` unless --run-dir gave another
        name = f"{name} ({one_line(run.task)})"
    began = time.localtime(run.started)
    when = time.strftime("%m-%d %H:%M" if began.tm_year == time.localtime().tm_year else "%Y-%m-%d", began)
    if run.error:
        return (when, run.state, *[""] * (4 + cost), name)
    money = [f"{dollars(run.cost_usd)}{'+?' if run.unpriced else ''}"] * cost
    return (when, run.state, f"{run.done}/{run.planned}", number(run.fitness), number(run.final), *money, _duration(run.seconds), name)


def _name(folder: Path, run: ListedRun) -> str:
    return run.dir.absolute().name if run.dir == folder else str(run.dir.relative_to(folder))


def _duration(seconds: float) -> str:
    """In one unit, short."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
