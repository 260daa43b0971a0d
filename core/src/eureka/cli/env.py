"""`eureka env describe`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eureka.cli.target import SET

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.types import EnvContext, Task

SIM = click.option("--sim", metavar="NAME", help="The simulator whose environment ID is. Default: gymnasium.")


@click.group()
def env() -> None:
    """Look at an environment as a model sees it."""


@env.command()
@click.argument("target", metavar="ID|TASK")
@SET
@SIM
@click.option("--json", "as_json", is_flag=True, help="Print all that is known, as JSON.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the task with its variables, ready to edit.")
def describe(target: str, sets: tuple[str, ...], sim: str | None, as_json: bool, as_yaml: bool) -> None:
    """Print what a model would read about an environment, to the letter; nothing is asked or trained.

    ID is a Gymnasium environment: CartPole-v1, ALE/Pong-v5, module:Id-v0 (imports the module first) or FILE.py:Class. TASK is a shipped
    task's name, a task.yaml, or a config.

    \b
    Examples:
      eureka env describe Hopper-v5
      eureka env describe my_env.py:MyEnv --set task.sim.max_episode_steps=200
      eureka env describe Hopper-v5 --yaml > task.yaml
    """
    if as_json and as_yaml:
        raise click.UsageError("--json and --yaml exclude each other; give one.")
    from eureka.look import look

    with environment(target, sets, sim) as config:
        context = look(config)
    task = config.task.model_copy(update={"variables": context.derived}) if context.derived else config.task
    if as_json:
        click.echo(context.model_dump_json(indent=2, by_alias=True))
    elif as_yaml:
        _print_yaml(task, context)
    else:
        _print_message(config, context)
    # For the person, not for the model: standard output is what the model reads.
    for warning in context.warnings:
        click.echo(f"Warning: {warning}", err=True)
    for dropped in () if as_json or as_yaml else context.dropped:
        click.echo(f"Left out: {dropped.name} ({dropped.source}): {dropped.reason}", err=True)
    if context.dropped and not (as_json or as_yaml):
        click.echo("To have one all the same, write the task down with --yaml, where it is a comment, and run that.", err=True)


@contextmanager
def environment(target: str, sets: tuple[str, ...], sim: str | None) -> Iterator[Config]:
    """The config to look at. Where the block finds no environment of that ID, the task that may have been meant is told too."""
    from eureka.config import load_config, load_mapping
    from eureka.env_task import env_task
    from eureka.errors import ConfigError
    from eureka.tasks import list_configs, list_tasks, or_the_task
    from eureka.yaml_source import read_yaml

    only = {"sim", "executor", "generator"}
    is_task = sim is None and target in list_tasks()
    is_file = sim is None and target.endswith((".yaml", ".yml"))
    if not is_task and sim is None and (target in list_configs() or (is_file and "task" in read_yaml(Path(target)).data)):
        yield load_config(target, sets, only=only)
        return
    task = target if is_task or is_file else env_task(target, sim or "gymnasium")
    try:
        yield load_mapping({"task": task, "generator": "llm"}, target, Path.cwd(), sets, only=only)
    except ConfigError as error:
        raise or_the_task(error, target) if task is not target and sim is None else error from None


def _print_message(config: Config, context: EnvContext) -> None:
    from eureka.builtin.llm import LLMGenerator
    from eureka.first_prompt import first_request
    from eureka.registry import make

    generator = make("generator", config.generator, "generator")
    if not isinstance(generator, LLMGenerator):
        generator = LLMGenerator(LLMGenerator.Options())
    click.echo(generator.conversation(first_request(config, context), None)[-1].content)


def _print_yaml(task: Task, context: EnvContext) -> None:
    from eureka.registry import make
    from eureka.task_yaml import task_yaml

    options = make("sim", task.sim, "task.sim").options.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    click.echo(task_yaml(task, {"use": task.sim.use, **options}, context.dropped), nl=False)
