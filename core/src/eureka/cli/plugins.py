"""`eureka plugins` and `eureka plugins show`."""

from __future__ import annotations

import inspect
import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from eureka.cli.table import print_table

if TYPE_CHECKING:
    from pydantic import BaseModel


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def plugins(ctx: click.Context, as_json: bool) -> None:
    """List the installed components by kind; no plugin is loaded."""
    if ctx.invoked_subcommand is not None:
        return
    from eureka.registry import list_components

    components = list_components()
    if as_json:
        click.echo(json.dumps([component._asdict() for component in components], indent=2, ensure_ascii=False))
    else:
        print_table(("KIND", "NAME", "PLUGIN"), [(c.kind, c.name, f"{c.dist} {c.version}") for c in components])
        click.echo("\nOne of them in full: eureka plugins show KIND:NAME")


@plugins.command()
@click.argument("component", metavar="KIND:NAME")
def show(component: str) -> None:
    """Say what a component does, which hooks it has and which options it takes.

    NAME may also be module:Class or FILE.py:Class.

    \b
    Example:
      eureka plugins show trainer:population
    """
    from eureka.contracts import implemented_hooks
    from eureka.errors import ConfigError
    from eureka.kinds import get_kind
    from eureka.registry import resolve

    kind_name, colon, use = component.partition(":")
    if not colon or not use:
        raise ConfigError(f'"{component}" is not KIND:NAME, such as trainer:population. List them with: eureka plugins')
    kind = get_kind(kind_name)
    cls = resolve(kind.name, use)
    click.echo(f"{kind.name}:{use}  ({cls.__module__}:{cls.__qualname__}, runs in the {kind.runs_in})\n")
    click.echo(f"{inspect.cleandoc(cls.__doc__ or 'It has no description.')}\n")
    click.echo(f"Hooks: {', '.join(implemented_hooks(cls)) or 'none'}\n")
    if cls.Options.model_fields:
        print_table(("OPTION", "TYPE", "DEFAULT", "MEANING"), _rows(cls.Options))
    else:
        click.echo("It takes no options.")
    for name, trainer in getattr(cls, "trainers", {}).items():
        click.echo(f"\nOptions of trainer: {name}, which trains in this simulator's own worker:\n")
        print_table(("OPTION", "TYPE", "DEFAULT", "MEANING"), _rows(trainer.Options))
    place = "In task.yaml" if kind.name == "sim" else "In a config"
    click.echo(f"\n{place}:\n  {_example(kind.name, use, cls.Options, kind.many)}")


def _rows(options: type[BaseModel]) -> list[tuple[str, str, str, str]]:
    from eureka.cli.types import type_in_words

    rows = []
    for name, field in options.model_fields.items():
        default = "required" if field.is_required() else _yaml(field.get_default(call_default_factory=True))
        meaning = " ".join((field.description or "").split())
        rows.append((field.alias or name, type_in_words(field.annotation, field.metadata), default, meaning))
    return rows


def _example(kind: str, use: str, options: type[BaseModel], many: bool) -> str:
    required = [field.alias or name for name, field in options.model_fields.items() if field.is_required()]
    optional = [(field.alias or name, field) for name, field in options.model_fields.items() if not field.is_required()]
    shown = [f"{name}: …" for name in required]
    if not shown and optional:
        name, field = optional[0]
        shown = [f"{name}: {_yaml(field.get_default(call_default_factory=True))}"]
    spec = f"{{{', '.join([f'use: {_yaml(use)}', *shown])}}}" if shown else _yaml(use)
    return f"{kind}: [{spec}]" if many else f"{kind}: {spec}"


def _yaml(value: Any) -> str:
    """A value as one would write it on one line of YAML."""
    value = str(value) if isinstance(value, PurePath) else value
    if isinstance(value, str):
        plain = value and value.isprintable() and not set(value) & set(":#{}[],&*!|>'\"%@`") and value == value.strip()
        return value if plain and value not in ("null", "true", "false", "~") else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=lambda v: v.model_dump(mode="json") if hasattr(v, "model_dump") else str(v))
