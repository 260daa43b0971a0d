"""What a command runs or checks: CONFIG or --env, and the options that change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.layers import Layers

F = TypeVar("F", bound=Callable[..., Any])

SET = click.option("--set", "sets", multiple=True, metavar="KEY.PATH=VALUE", help="Change one setting; may be given several times.")
_CONFIG = click.argument("config", required=False)
_OPTIONS = (
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
    start: Path | None = None
    """The run that this one starts from, where it is one of several."""

    @property
    def name(self) -> str:
        """What to call it."""
        return str(self.config) if self.env is None else f"--env {self.env}"

    def load(self, only: set[str] | None = None) -> Config:
        """The config, whole unless `only` names the kinds of components needed. Raises click.UsageError or ConfigError."""
        from eureka.config_loading import resolve

        return resolve(self._layers(), only)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Have a ConfigError about a setting of the task, which only a worker could find, also say where that was written."""
        from eureka.errors import ConfigError
        from eureka.validation import at_place

        try:
            yield
        except ConfigError as error:
            key, colon, wrong = str(error).partition(": ")
            if not colon or not key.startswith("task."):
                raise
            path = tuple(key.split("."))
            raise ConfigError(at_place(self._layers().where(path), path, wrong)) from None

    def _layers(self) -> Layers:
        if (self.config is None) == (self.env is None):
            raise click.UsageError(
                "Give a CONFIG (a YAML file, or a name that `eureka tasks` lists) or an environment, such as --env Pendulum-v1."
                if self.config is None
                else "CONFIG and --env exclude each other; give one."
            )
        from eureka.config_loading import Override, layers_of, mapping_layers
        from eureka.env_task import env_config
        from eureka.pasted_keys import without_keys

        overrides = [] if self.start is None else [Override("search.start", str(self.start), "the run before")]
        if self.model is not None:
            provider, colon, name = self.model.partition(":")
            if not (provider and colon and name):
                raise click.UsageError(f'--model "{self.model}" is not PROVIDER:NAME, such as openai:gpt-4.1.')
            where = f"--model {without_keys(self.model)}"
            overrides += [Override("generator.use", "llm", where), Override("llm.use", provider, where), Override("llm.model", name, where)]
        if self.describe is not None:
            overrides.append(Override("task.description", self.describe, "--describe"))
        if self.env is None:
            return layers_of(str(self.config), self.sets, overrides)
        return mapping_layers(env_config(self.env), self.name, Path.cwd(), self.sets, overrides)


def target_options(command: F) -> F:
    """Give a command the argument CONFIG and the options of a `Target`, by its fields' names."""
    return _CONFIG(setting_options(command))


def setting_options(command: F) -> F:
    """The same without CONFIG."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
