"""The `gymnasium` component of kind `sim`."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import Field

from eureka import component
from eureka.env import BatchedEnv, EnvRequest
from eureka.hookspecs import ContextRequest


class GymnasiumSim(component.Component):
    """Run any Gymnasium environment as independent rows of one batch."""

    class Options(component.Options):
        env: str = Field(min_length=1, description="Environment id, such as CartPole-v1; `module:Id-v0` imports the module first.")
        kwargs: dict[str, Any] = Field({}, description="Keyword arguments of the environment's constructor.")
        wrappers: tuple[str, ...] = Field((), description="Wrappers around every row, innermost first, each as `module:Class`.")
        max_episode_steps: int | None = Field(None, ge=1, description="Steps until truncation; empty for the environment's own limit.")

    options: Options

    @component.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> BatchedEnv:
        """Make `request.num_envs` rows. Raises ConfigError for an option or a source that does not work here."""
        from eureka_gymnasium.batched import GymnasiumEnv
        from eureka_gymnasium.make import make_row
        from eureka_gymnasium.reading import Readers

        make = partial(make_row, self.options)
        return GymnasiumEnv(make, request.num_envs, Readers(make, request.sources, request.task))

    @component.hookimpl
    def eureka_extract_context(self, request: ContextRequest) -> str:
        """Id, spaces and episode limit; nothing of the reward."""
        from eureka_gymnasium.context import describe

        return describe(self.options.env, request.env)
