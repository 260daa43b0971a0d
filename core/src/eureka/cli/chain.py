"""Several configs of one `eureka run`: a run each, one after another, each of which starts from the one before."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.target import Target
from eureka.errors import ConfigError, EurekaError

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.session import Ending

_START = "search.start"


def run_chain(targets: Sequence[Target], run_dir: Path | None, progress: str | None) -> Ending:
    """Run them all, or up to the first that does not come to its end; says how to go on from there.

    run_dir: the folder that the runs go into, as `1-<task>` and so on; None: each has its default place. progress: the display's mode.
    Raises ConfigError, before anything is begun, for what is wrong with any of them, click.UsageError for what stands for one run alone.
    """
    from eureka.session import Ending, default_run_dir, start

    first, *rest = targets
    if first.env is not None or first.describe is not None:
        raise click.UsageError("--env and --describe are for one run; with several CONFIGs write them into those.")
    # Where the first one starts is no setting of the others: each of them starts from the run before.
    targets = [first, *(replace(target, sets=tuple(text for text in target.sets if not text.startswith(f"{_START}="))) for target in rest)]
    configs = [target.load() for target in targets]
    _refuse(targets, configs)
    places = [run_dir / f"{number}-{config.task.name}" for number, config in enumerate(configs, 1)] if run_dir is not None else []
    for place in places:
        if place.exists():
            raise ConfigError(f"{place}: exists already, so these runs cannot go there. Give another --run-dir.")
    before: Path | None = None
    for number, (target, config) in enumerate(zip(targets, configs, strict=True)):
        if progress is None:
            click.echo(f"{chr(10) * bool(number)}Run {number + 1} of {len(targets)}: {target.name}")
        try:
            placed = replace(target, start=before)
            with placed.placed():
                loaded = config if before is None else placed.load()
                place = places[number] if places else default_run_dir(loaded)
                ending = start(loaded, place, progress)
        except EurekaError as error:
            if before is None:
                raise
            wrong = (
                f"{target.name}: {error}\nThe runs before are whole. Once this is mended, go on with: "
                f"{_command(targets[number:], before, places[number:])}"
            )
            return Ending(error.exit_code, wrong)
        if ending.code:
            left = targets[number + 1 :]
            then = f"\nOnce that run has come to its end: {_command(left, place, places[number + 1 :])}" if left else ""
            return Ending(ending.code, f"{ending.message}{then}")
        before = place
    return Ending(0, "")


def _refuse(targets: Sequence[Target], configs: Sequence[Config]) -> None:
    """Raise ConfigError where one of the runs could not start from the one before, as far as their configs tell."""
    from eureka.search_start import refuse_other_trainers, refuse_policies

    for before, target, config in zip(configs, targets[1:], configs[1:], strict=False):
        if config.search.start is not None:
            raise ConfigError(
                f"{target.name}: search.start is given, but here it starts from the run before. Leave it out, or run it alone."
            )
        try:
            refuse_policies(config)
            refuse_other_trainers(before, config, "the run before")
        except ConfigError as error:
            raise ConfigError(f"{target.name} cannot start from the run before: {str(error).rstrip('.')}.") from None


def _command(targets: Sequence[Target], start: Path, places: Sequence[Path]) -> str:
    """What runs these, the first of them starting from a run. places: where they were to go, as one alone still can."""
    first = targets[0]
    sets = [text for one in (*targets[-1].sets, f"{_START}={start.absolute()}") for text in ("--set", one)]
    model = ["--model", first.model] if first.model is not None else []
    place = ["--run-dir", str(places[0])] if len(places) == 1 else []
    return shlex.join(["eureka", "run", *(target.name for target in targets), *model, *sets, *place])
