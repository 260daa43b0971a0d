"""`eureka prompt`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eureka.cli.target import Target, target_options

if TYPE_CHECKING:
    from eureka.types import EnvContext, Message


@click.command()
@target_options
@click.option("--json", "as_json", is_flag=True, help='Print {"messages": [{"role", "content"}, …], "tokens": N}.')
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Write the texts our prompts are made of to DIR.")
def prompt(as_json: bool, templates: Path | None, **target: Any) -> None:
    """Print the first prompt that a model would get, to the letter, and about how many tokens it has. Nothing is asked or trained.

    CONFIG is a YAML file, or the name of a shipped config or task. Neither an llm nor its key is needed. Where the config's generator
    asks no model, it is the prompt of `generator: llm`.

    \b
    Examples:
      eureka prompt cartpole
      eureka prompt --env Hopper-v5 --describe 'Hop forward slowly.'
      eureka prompt --templates my_prompts    (then: generator: {use: llm, prompts: my_prompts})
    """
    asked = Target(**target)
    if templates is not None:
        if as_json or any((asked.config, asked.env, asked.describe, asked.model, asked.sets)):
            raise click.UsageError("--templates writes files and prints no prompt; give it alone.")
        _write_templates(templates)
        return
    from eureka.secret_values import refuse_secrets, without_secrets
    from eureka.tokens import about

    messages, context, generator, initial = _messages(asked)
    tokens = about(messages)
    if as_json:
        shown = {"messages": [message.model_dump() for message in messages], "tokens": tokens}
        click.echo(without_secrets(json.dumps(shown, ensure_ascii=False, indent=2)))
    else:
        from eureka.conversation import as_text

        click.echo(without_secrets(as_text(messages)))
        click.echo(f"about {tokens:,} tokens")
    if generator:
        click.echo(f"Note: the generator of {asked.name}, {generator}, asks no model; this is what `generator: llm` asks.", err=True)
    if initial:
        click.echo(f"Note: {initial}: a model is first asked in the second, and also reads that reward and what came of it.", err=True)
    for warning in context.warnings:
        click.echo(f"Warning: {warning}", err=True)
    refuse_secrets(messages)  # as a run would


def _messages(asked: Target) -> tuple[tuple[Message, ...], EnvContext, str, str]:
    """The first conversation, the environment it is about, the config's generator where it is another's conversation, and what stands in
    the place of the first iteration, where something does.
    """
    from eureka.first_prompt import first_prompt
    from eureka.initial_reward import initial_in_words
    from eureka.look import workplace
    from eureka.look_cache import look_again

    only = {"sim", "executor", "generator"}  # no llm: nothing is sent
    config = asked.load(only=only)
    initial = "" if config.search.written(0) else initial_in_words(config)
    with workplace(config) as (folder, jobs):
        context = look_again(config, folder, jobs)
    if (messages := first_prompt(config, context)) is not None:
        return messages, context, "", initial
    asking = replace(asked, sets=(*asked.sets, "generator=llm")).load(only=only)
    messages = first_prompt(asking, context)
    assert messages is not None
    return messages, context, config.generator.use, initial


def _write_templates(folder: Path) -> None:
    from eureka.builtin.prompts import NAMES, SHIPPED
    from eureka.errors import ConfigError

    try:
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise ConfigError(f"--templates {folder}: exists already, and what is in it would be lost. Give a folder that does not exist.")
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (folder / f"{name}.md").write_bytes((SHIPPED / f"{name}.md").read_bytes())
    except OSError as error:
        raise ConfigError(f"--templates {folder}: cannot be written ({error.strerror}). Give another folder.") from None
    click.echo(f"Wrote {', '.join(f'{name}.md' for name in NAMES)} to {folder}. Change what you like and delete the others, then set")
    click.echo(f"generator: {{use: llm, prompts: {folder}}}")
