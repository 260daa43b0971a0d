"""The command line. Nothing but click is imported until a command runs, so that `eureka --help` is instant."""

from __future__ import annotations

import errno
import importlib
from typing import Any

import click

from eureka import __version__
from eureka.cli.shown import hide_keys
from eureka.errors import ConfigError, EurekaError
from eureka.suggest import closest

# Command → where it lives, and its line in `eureka --help`. In the order a user meets them.
COMMANDS = {
    "run": ("eureka.cli.run:run", "Search for a reward function."),
    "resume": ("eureka.cli.run:resume", "Go on with a run that stopped, or extend one that ended."),
    "finish": ("eureka.cli.run:finish", "Skip what is left of the search and evaluate the best reward."),
    "runs": ("eureka.cli.runs:runs", "List runs: how they stand and what they came to."),
    "report": ("eureka.cli.report:report", "Write a page that tells what a run came to, or compares several."),
    "suite": ("eureka.cli.suite:suite", "Run several tasks; compare with the human rewards over all."),
    "play": ("eureka.cli.play:play", "Play the best policy of a run, into a video or a window."),
    "feedback": ("eureka.cli.feedback:feedback", "Let people judge the policies of a run, on a web page."),
    "check": ("eureka.cli.check:check", "Check a config, and say what a run of it may cost."),
    "prompt": ("eureka.cli.prompt:prompt", "Print the first prompt a model would get."),
    "env": ("eureka.cli.env:env", "Show an environment as a model sees it."),
    "reward": ("eureka.cli.reward:reward", "Check reward programs."),
    "tasks": ("eureka.cli.tasks:tasks", "List the tasks that come ready."),
    "plugins": ("eureka.cli.plugins:plugins", "List the installed components, or show one."),
    "doctor": ("eureka.cli.doctor:doctor", "Look at this machine: what works, what does not, what to do."),
}


class _Shown(click.ClickException):
    """One of Eureka's errors, for click to print as `Error: …` and to exit with its code."""

    def __init__(self, error: EurekaError) -> None:
        from eureka.pasted_keys import without_keys

        super().__init__(without_keys(str(error)))
        self.exit_code = error.exit_code  # type: ignore[misc]


class LazyGroup(click.Group):
    """A group that imports a command only when it runs, and prints Eureka's own errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        # click's own guess is among the commands that are loaded, and here none is.
        if args[0] not in COMMANDS and (near := closest(args[0], COMMANDS)) is not None:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            hide_keys()
            return super().invoke(ctx)
        except EurekaError as error:
            raise _Shown(error) from None
        except click.UsageError as error:
            from eureka.pasted_keys import without_keys

            said = error.format_message()
            if without_keys(said) == said:
                raise
            raise click.UsageError(without_keys(said), error.ctx) from None
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            # Before a run is open: an open one stops in good order instead.
            raise _Shown(ConfigError(f"{error.filename}: {error.strerror}. Give a place you may read and write.")) from None
        except KeyboardInterrupt:  # before a run has begun, or in a command that only looks
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eureka")
def main() -> None:
    """Search reward functions for reinforcement learning.

    \b
    A first run, without a key or a GPU:
      eureka run cartpole
    \b
    Any Gymnasium environment, and what you want in it:
      eureka run --env Pendulum-v1 --describe 'Swing up and stay up.'
      eureka env describe Pendulum-v1
    """
