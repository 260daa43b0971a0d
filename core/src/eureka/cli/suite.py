"""`eureka suite`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.target import SET

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.suite.contents import Suite


@click.command()
@click.option("--tasks", multiple=True, metavar="A,B,…", help="Names that `eureka tasks` lists; may be given several times. Default: all.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A config that names no task, used for every task. Default: each task's own.",
)
@SET
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Where everything goes; the same again goes on. Default: suites/<time>."
)
def suite(tasks: tuple[str, ...], config: Path | None, sets: tuple[str, ...], folder: Path | None) -> None:
    """Run several tasks and say how the found rewards compare with the human ones over all of them.

    Each task is an ordinary run in DIR/<task>, one after the other, by its shipped config unless --config names another. All configs are
    checked before the first run begins. Without --tasks, tasks whose environment cannot be made here are named and left out. A run that
    fails is told, and the next one begins.

    DIR/suite.html shows tasks and aggregates, suite.json has them as data, suite.md as text; they are written anew after every run. What
    was interrupted goes on with: eureka suite --dir DIR. With --tasks further tasks join a suite, by the settings it was made with.

    \b
    Examples:
      eureka suite
      eureka suite --tasks cartpole,acrobot,pendulum --dir suites/classic
      eureka suite --config my_config.yaml --set final.seeds=10
    """
    from eureka.suite.folder import default_dir, is_suite, locked, open_suite

    folder = folder or default_dir()
    if not is_suite(folder):
        _begin(folder, tasks, config, sets)
    elif tasks or config is not None or sets:
        with locked(folder):
            _join(open_suite(folder), tasks, config, sets)
    with locked(folder):
        sys.exit(_work(open_suite(folder)))


def _begin(folder: Path, tasks: tuple[str, ...], config: Path | None, sets: tuple[str, ...]) -> None:
    """Make the suite's folder, once every config is valid and every environment was made."""
    from eureka.errors import ConfigError
    from eureka.suite.choosing import load_configs, named_tasks
    from eureka.suite.contents import Suite
    from eureka.suite.folder import make

    configs = load_configs(named_tasks(tasks), config, sets)
    left_out = _looked_at(configs, named=bool(tasks))
    for name, why in left_out.items():
        click.echo(f"Left out: {name}: {why}")
    configs = {name: one for name, one in configs.items() if name not in left_out}
    if not configs:
        raise ConfigError("no task is left that could be run here; see above what to install.")
    command = {"config": None if config is None else str(config.absolute()), "sets": list(sets)}
    make(Suite(folder, configs, left_out, command, time.time()))


def _join(old: Suite, tasks: tuple[str, ...], config: Path | None, sets: tuple[str, ...]) -> None:
    """Add the tasks that are new, with the settings the suite was made with. Raises ConfigError where others are given."""
    from eureka.suite.choosing import load_configs, named_tasks
    from eureka.suite.folder import grown, refuse_other_settings
    from eureka.tasks import list_tasks

    given = config is not None or bool(sets)
    config = config or (Path(old.command["config"]) if old.command["config"] else None)
    sets = (*old.command["sets"], *sets)
    named = named_tasks(tasks) if tasks else ()
    new = load_configs([name for name in named if name not in old.configs], config, sets)
    if given or config is not None:  # what a shipped task's own config was then may have changed, but not what all of them share
        refuse_other_settings(old, load_configs([name for name in old.configs if name in list_tasks()], config, sets))
    _looked_at(new, named=True)
    grown(old, new)


def _looked_at(configs: dict[str, Config], named: bool) -> dict[str, str]:
    """By task, why it cannot be run here. Raises ConfigError for a config that is wrong, and where `named` for such a task."""
    from eureka.errors import ConfigError
    from eureka.suite.choosing import check
    from eureka.suite.looking import refused

    for name, config in configs.items():
        check(name, config)
    if not configs:
        return {}
    click.echo(f"Looking at {len(configs)} environment{'s' * (len(configs) > 1)} …")
    left_out = refused(configs)
    if named and left_out:
        raise ConfigError("\n".join(f"{name}: {why}" for name, why in left_out.items()))
    return left_out


def _work(suite: Suite) -> int:
    """Work on it, tell what came of it, and return the exit code."""
    from eureka.suite.terminal import show
    from eureka.suite.working import failed, work
    from eureka.suite.writing import write

    go_on = f"Interrupted. Go on with: eureka suite --dir {suite.dir}"
    try:
        rows, interrupted = work(suite, click.echo, lambda message: click.echo(f"Error: {message}", err=True))
    except KeyboardInterrupt:  # between two runs
        click.echo(go_on, err=True)
        return 130
    if interrupted:
        click.echo(go_on, err=True)
        return 130
    show(write(suite, rows))
    click.echo(f"Everything is in {suite.dir}: open suite.html in a browser")
    return int(failed(rows))
