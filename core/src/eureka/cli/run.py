"""`eureka run`, `resume`, `finish` and `check`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eureka.cli.target import SET, Target, target_options

if TYPE_CHECKING:
    from eureka.session import Ending

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
@target_options
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where everything goes; must not exist. Default: runs/<task>-<time>.")
@_QUIET
@_JSON
def run(run_dir: Path | None, quiet: bool, as_json: bool, **target: Any) -> None:
    """Search for a reward function.

    CONFIG is a YAML file, or the name of a shipped config or task (see `eureka tasks`). With --env there is no config: the variables are
    derived, the fitness is the environment's own return, and --set changes the rest.

    \b
    Examples:
      eureka run cartpole
      eureka run my_config.yaml --set search.samples=8 --run-dir runs/first
      eureka run --env Hopper-v5 --describe 'Hop forward slowly.' --model openai:gpt-4.1
    """
    progress = _progress(quiet, as_json)
    asked = Target(**target)
    loaded = asked.load()
    from eureka.session import default_run_dir, start

    _end(start(loaded, run_dir or default_run_dir(loaded), progress))


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@SET
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
@target_options
def check(**target: Any) -> None:
    """Check a config and say how much a run would train and ask; nothing is run.

    CONFIG is a YAML file, or the name of a shipped config or task.
    """
    asked = Target(**target)
    loaded = asked.load()
    search, training, final = loaded.search, loaded.training, loaded.final
    rewards = search.restarts * search.iterations * search.samples
    trainings = rewards + search.retest + 3 * final.seeds
    asks = f"no model ({loaded.generator.use})"
    if loaded.llm is not None:
        repairs = int(loaded.generator.options.get("repairs", 0))
        asks = f"{rewards} answers of {loaded.llm.use}" + (f", up to {rewards * (repairs + 2)} with repairs" if repairs else "")
    click.echo(f"{asked.name}: a valid config for task {loaded.task.name} (its environment is first opened by a run)")
    click.echo(f"  rewards       {rewards} ({search.restarts} × {search.iterations} iterations × {search.samples} samples), {asks}")
    click.echo(f"  trainings     at most {trainings} of {training.steps:,} environment steps each")
    click.echo(f"  training      at most {trainings * training.steps:,} environment steps, evaluation apart")
    if asked.env is not None and loaded.task.fitness.value == "native":
        click.echo("  fitness       the environment's own return; for another one, write a task, beginning with:")
        click.echo(f"                eureka env describe {shlex.quote(asked.env)} --yaml > task.yaml")
