"""The `torch` component of kind `sim`."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from eureka import component
from eureka.env import BatchedEnv, EnvRequest
from eureka.hookspecs import ContextRequest


class TorchSim(component.Component):
    """Run an environment written in torch, all rows at once; rewards are torch functions, too."""

    array_library: ClassVar[str] = "torch"

    class Options(component.Options):
        env: component.ClassPath = Field(
            min_length=1, description="A subclass of eureka_torch.TorchEnv: `FILE.py:Class` beside the task, or `module:Class`."
        )
        kwargs: dict[str, Any] = Field({}, description="Keyword arguments of the class.")
        max_episode_steps: int | None = Field(None, ge=1, description="Steps until truncation; empty for the environment's own limit.")

    options: Options

    @component.hookimpl
    def eureka_warm_up(self) -> None:
        """Import torch and the environment's module."""
        from eureka_torch import batch  # noqa: F401
        from eureka_torch.loading import load_class

        load_class(self.options.env)

    @component.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> BatchedEnv:
        """Make `request.num_envs` rows. Raises ConfigError for a class that is none or breaks its contract, and for no source."""
        from eureka_torch.batch import TorchBatch
        from eureka_torch.loading import make
        from eureka_torch.sources import Sources
        from eureka_torch.trial import variable_names

        env = make(self.options)
        names = variable_names(env, self.options.env)
        sources = Sources(request.sources, env.observation_space.shape[0], names, request.task)
        return TorchBatch(env, request.num_envs, sources, self.options.max_episode_steps or env.max_episode_steps)

    @component.hookimpl
    def eureka_extract_context(self, request: ContextRequest) -> str:
        """Spaces, docstring and source of the class without its `native`."""
        from eureka_torch.context import describe

        return describe(self.options.env, request.env)
