"""`eureka check`: is a config valid, what may a run of it come to, and does its model answer."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from eureka.cli.target import Target, target_options
from eureka.errors import ConfigError, EurekaError

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.types import EnvContext

_ONLINE_TOKENS = 16


@click.command()
@target_options
@click.option("--no-look", is_flag=True, help="Leave the environment alone, as where its simulator is not installed.")
@click.option("--online", is_flag=True, help="Also ask each model for a word, to see that key and name are right. Costs next to nothing.")
def check(no_look: bool, online: bool, **target: Any) -> None:
    """Check a config and say what a run may come to: answers, tokens, cost, environment steps, time. Nothing is trained.

    CONFIG is a YAML file, or the name of a shipped config or task. Checked are every key and value, the files and components that are
    named, and, as at the beginning of a run, the task: its environment is made and steps at random, its variables, fitness and human
    reward are computed, and the trainer is asked whether it can train there. That takes seconds, more with a slow simulator, and is kept
    for the next time. Not checked is a reward that a search is to begin from (search.initial_reward). What only a run needs, such as a
    key that is not set, is told as "Not ready to run" and is no error here: the exit code is 0, unless --online needs it. Where people are
    to be asked (feedback), that they can be is checked as well, such as that there is a terminal.

    \b
    Examples:
      eureka check my_config.yaml
      eureka check my_config.yaml --online
      eureka check --env Hopper-v5
    """
    asked = Target(**target)
    config = asked.load()
    from eureka.budget import refuse_unpayable
    from eureka.builtin.progress_lines import context_lines
    from eureka.estimate import estimate
    from eureka.initial_reward import initial_in_words
    from eureka.model_check import asks_model, quotes
    from eureka.people import warnings, will_ask
    from eureka.registry import build_manager
    from eureka.search_start import start_in_words
    from eureka.session import make_components
    from eureka.speeds import recall
    from eureka.step_budget import refuse_untrainable

    parts = make_components(config)
    hooks = build_manager(parts)
    answers = quotes(config, hooks) if asks_model(config, parts["generator"]) else []
    refuse_unpayable(config, answers)
    refuse_untrainable(config)
    if will_ask(config):
        hooks.hook.eureka_check_feedback()
    context = None if no_look else _look(asked, config)
    search, initial = config.search, initial_in_words(config)
    looked = "its environment was not looked at" if context is None else "its environment works"
    click.echo(f"{asked.name}: a valid config for task {config.task.name} ({looked})")
    of = f"{search.restarts} × {search.iterations} iterations × {search.samples} samples"
    click.echo(f"  Rewards: {search.rewards} ({of}{f'; {initial}' if initial else ''})")
    if begins := start_in_words(config):
        click.echo(f"  Trainings begin with: {begins}")
    for line in context_lines(context) if context is not None else ():
        click.echo(f"  {line}")
    for warning in warnings(config, parts):
        click.echo(f"  Warning: {warning}")
    for line in estimate(config, answers, parts["executor"].slots, recall(config)):
        click.echo(f"  {line}")
    if asked.env is not None and config.task.fitness.value == "native":
        click.echo("  Fitness: the environment's own return; for another one, write a task, beginning with:")
        click.echo(f"    eureka env describe {shlex.quote(asked.env)} --yaml > task.yaml")
    if online:
        sys.exit(_ask(config, parts))
    if answers:
        try:
            hooks.hook.eureka_check_llm()
        except ConfigError as error:
            click.echo(f"  Not ready to run: {error}")


def _look(asked: Target, config: Config) -> EnvContext:
    """What a run would find out about its environment before it spends anything. Raises as a run does."""
    from eureka.look import workplace
    from eureka.look_cache import look_again
    from eureka.step_budget import refuse_untrainable

    with asked.placed(), workplace(config) as (folder, jobs):
        context = look_again(config, folder, jobs, as_run=True)
    refuse_untrainable(config, context)
    return context


def _ask(config: Config, parts: dict[str, Any]) -> int:
    """Ask every model once; returns the exit code."""
    from eureka.builtin.ensemble import as_member

    if config.llm is None:
        raise ConfigError("llm: the config names none, so --online has nobody to ask.")
    model, code = parts["llm"], 0
    several = hasattr(model, "members")
    for index, member in enumerate(model.members() if several else [model]):
        if not getattr(member, "online", True):
            click.echo(f"  Online: {type(member).__name__} asks no provider")
            continue
        try:
            with as_member(index) if several else nullcontext():
                for line in _answers(member):
                    click.echo(f"  Online: {line}")
        except EurekaError as error:
            click.echo(f"Error: {error}", err=True)
            code = max(code, error.exit_code)
    return code


def _answers(model: Any) -> Iterator[str]:
    """Ask one model for one answer, however short; says who answered, and what it took."""
    from eureka.builtin.outside_text import one_line
    from eureka.estimate import dollars
    from eureka.generator_types import CompletionRequest, Quote
    from eureka.model_check import QUESTION
    from eureka.registry import build_manager

    request = CompletionRequest(messages=(QUESTION,), samples=(0,), restart=0, iteration=0, max_tokens=_ONLINE_TOKENS)
    hooks, started = build_manager({"llm": model}).hook, time.monotonic()
    hooks.eureka_check_llm()
    quote = (hooks.eureka_quote(request=request) or {}).get(0, Quote())
    for answer in hooks.eureka_complete(request=request) or ():
        cost = answer.cost_usd if answer.cost_usd is not None else quote.price.of(answer) if quote.price is not None else None
        who = " ".join(filter(None, (answer.provider or quote.provider, answer.model or quote.model))) or type(model).__name__
        words = [f"{answer.input_tokens} + {answer.output_tokens} tokens", "cost not known" if cost is None else dollars(cost)]
        yield f"{one_line(who)} answered ({', '.join(words)}, {time.monotonic() - started:.1f} s)"
