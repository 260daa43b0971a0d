"""`eureka run`, `resume`, `finish` and `check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eureka.session import Ending

_SET = click.option("--set", "sets", multiple=True, metavar="KEY.PATH=VALUE", help="Change one setting; may be given several times.")
_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line.")


def _progress(quiet: bool, as_json: bool) -> str | None:
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other; give one.")
    return "quiet" if quiet else "json" if as_json else None


def _end(ending: Ending) -> None:
    if ending.message:
        click.echo(ending.message if ending.code == 130 else f"Error: {ending.message}", err=True)
    sys.exit(ending.code)


@click.command()
@click.argument("config")
@_SET
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where everything goes; must not exist. Default: runs/<task>-<time>.")
@_QUIET
@_JSON
def run(config: str, sets: tuple[str, ...], run_dir: Path | None, quiet: bool, as_json: bool) -> None:
    """Search for a reward function.

    CONFIG is a YAML file, or the name of a shipped config or task (see `eureka tasks`).

    \b
    Examples:
      eureka run cartpole
      eureka run my_config.yaml --set search.samples=8 --run-dir runs/first
    """
    progress = _progress(quiet, as_json)
    from eureka.config import load_config
    from eureka.session import default_run_dir, start

    loaded = load_config(config, sets)
    _end(start(loaded, run_dir or default_run_dir(loaded), progress))


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@_SET
@_QUIET
@_JSON
def resume(run_dir: Path, sets: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Go on with a run that stopped, or extend one that ended.

    Nothing that was bought or trained is done again. These settings may change: search.iterations, budget.*, executor.*, llm.*

    \b
    Examples:
      eureka resume runs/first
      eureka resume runs/first --set search.iterations=8
    """
    progress = _progress(quiet, as_json)
    from eureka.session import resume as go_on

    _end(go_on(run_dir, sets, progress=progress))


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@_QUIET
@_JSON
def finish(run_dir: Path, quiet: bool, as_json: bool) -> None:
    """Skip what is left of the search and go to the final evaluation with the rewards found so far."""
    progress = _progress(quiet, as_json)
    from eureka.session import resume as go_on

    _end(go_on(run_dir, finish=True, progress=progress))


@click.command()
@click.argument("config")
@_SET
def check(config: str, sets: tuple[str, ...]) -> None:
    """Check a config and say how much a run would train and ask; nothing is run.

    CONFIG is a YAML file, or the name of a shipped config or task.
    """
    from eureka.config import load_config

    loaded = load_config(config, sets)
    search, training, final = loaded.search, loaded.training, loaded.final
    rewards = search.restarts * search.iterations * search.samples
    trainings = rewards + search.retest + 3 * final.seeds
    asks = f"{rewards} answers of {loaded.llm.use}" if loaded.llm is not None else f"no model ({loaded.generator.use})"
    click.echo(f"{config}: a valid config for task {loaded.task.name}")
    click.echo(f"  rewards       {rewards} ({search.restarts} × {search.iterations} iterations × {search.samples} samples), {asks}")
    click.echo(f"  trainings     at most {trainings} of {training.steps:,} environment steps each")
    click.echo(f"  training      at most {trainings * training.steps:,} environment steps, evaluation apart")
