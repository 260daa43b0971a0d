"""What a command runs or checks: CONFIG or --env, and the options that change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from eureka.config import Config

F = TypeVar("F", bound=Callable[..., Any])

SET = click.option("--set", "sets", multiple=True, metavar="KEY.PATH=VALUE", help="Change one setting; may be given several times.")
_OPTIONS = (
    click.argument("config", required=False),
    click.option("--env", metavar="ID", help="A Gymnasium environment instead of a CONFIG: Hopper-v5, module:Id-v0 or FILE.py:Class."),
    click.option("--describe", metavar="TEXT", help="What the agent should do, in a sentence."),
    click.option("--model", metavar="PROVIDER:NAME", help="The language model that writes the rewards."),
    SET,
)


@dataclass(frozen=True)
class Target:
    """As the user typed it."""

    config: str | None
    env: str | None
    describe: str | None
    model: str | None
    sets: tuple[str, ...]

    @property
    def name(self) -> str:
        """What to call it."""
        return str(self.config) if self.env is None else f"--env {self.env}"

    def load(self, only: set[str] | None = None) -> Config:
        """The config, whole unless `only` names the kinds of components needed. Raises click.UsageError or ConfigError."""
        if (self.config is None) == (self.env is None):
            raise click.UsageError(
                "Give a CONFIG (a YAML file, or a name that `eureka tasks` lists) or an environment, such as --env Pendulum-v1."
                if self.config is None
                else "CONFIG and --env exclude each other; give one."
            )
        from eureka.config import Override, load_config, load_mapping
        from eureka.env_task import env_config
        from eureka.pasted_keys import without_keys

        overrides = []
        if self.model is not None:
            provider, colon, name = self.model.partition(":")
            if not (provider and colon and name):
                raise click.UsageError(f'--model "{self.model}" is not PROVIDER:NAME, such as openai:gpt-4.1.')
            where = f"--model {without_keys(self.model)}"
            overrides = [Override("generator.use", "llm", where), Override("llm.use", provider, where), Override("llm.model", name, where)]
        if self.describe is not None:
            overrides.append(Override("task.description", self.describe, "--describe"))
        if self.env is None:
            return load_config(str(self.config), self.sets, overrides, only)
        return load_mapping(env_config(self.env), self.name, Path.cwd(), self.sets, overrides, only)


def target_options(command: F) -> F:
    """Give a command the argument CONFIG and the options of a `Target`, by its fields' names."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
