"""`eureka run`, `resume` and `finish`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from eureka.cli.target import SET, Target, setting_options

if TYPE_CHECKING:
    from eureka.session import Ending

_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line.")


def _progress(quiet: bool, as_json: bool) -> str | None:
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other; give one.")
    return "quiet" if quiet else "json" if as_json else None


def _end(ending: Ending) -> NoReturn:
    if ending.message:
        click.echo(ending.message if ending.code == 130 else f"Error: {ending.message}", err=True)
    sys.exit(ending.code)


@click.command()
@click.argument("configs", nargs=-1, metavar="[CONFIG]...")
@setting_options
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where everything goes; must not exist. Default: runs/<task>-<time>.")
@_QUIET
@_JSON
def run(configs: tuple[str, ...], run_dir: Path | None, quiet: bool, as_json: bool, **target: Any) -> None:
    """Search for a reward function.

    CONFIG is a YAML file, or the name of a shipped config or task (see `eureka tasks`). With --env there is no config: the variables are
    derived, the fitness is the environment's own return, and --set changes the rest.

    Several CONFIGs are as many runs, one after another. Each starts from the best policy and reward of the one before (search.start); all
    are checked before the first begins. --set changes all of them, --run-dir is the folder they go into.

    \b
    Examples:
      eureka run cartpole
      eureka run my_config.yaml --set search.samples=8 --run-dir runs/first
      eureka run pendulum_light pendulum --run-dir runs/pendulum
      eureka run --env Hopper-v5 --describe 'Hop forward slowly.' --model openai:gpt-4.1
    """
    progress = _progress(quiet, as_json)
    if len(configs) > 1:
        from eureka.cli.chain import run_chain

        _end(run_chain([Target(config, **target) for config in configs], run_dir, progress))
    asked = Target(configs[0] if configs else None, **target)
    loaded = asked.load()
    from eureka.session import default_run_dir, start

    with asked.placed():
        ending = start(loaded, run_dir or default_run_dir(loaded), progress)
    _end(ending)


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@SET
@_QUIET
@_JSON
def resume(run_dir: Path, sets: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Go on with a run that stopped, or extend one that ended.

    Nothing that was bought or trained is done again. These settings may change: search.iterations, search.stop_when_solved, budget.*,
    executor.*, llm.*

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
