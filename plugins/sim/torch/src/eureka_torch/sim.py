"""The `torch` component of kind `sim`."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from eureka import component
from eureka.env import BatchedEnv, EnvRequest
from eureka.hookspecs import ContextRequest
from eureka.torch_device import NamedDevice


class TorchSim(component.Component):
    """Run an environment written in torch, all rows at once; rewards are torch functions, too."""

    array_library: ClassVar[str] = "torch"

    class Options(component.Options):
        env: component.ClassPath = Field(
            min_length=1, description="A subclass of eureka_torch.TorchEnv: `FILE.py:Class` beside the task, or `module:Class`."
        )
        kwargs: dict[str, Any] = Field({}, description="Keyword arguments of the class.")
        max_episode_steps: int | None = Field(None, ge=1, description="Steps until truncation; empty for the environment's own limit.")
        device: NamedDevice = Field(
            "cpu", description="Where rows and rewards are computed: cpu, cuda, cuda:1. On a GPU rewards are not confined."
        )

    options: Options

    @property
    def reward_device(self) -> str | None:
        """A confined process could not open a GPU, so there rewards are computed in the worker."""
        return None if self.options.device == "cpu" else self.options.device

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
        from eureka_torch.loading import check_device, make
        from eureka_torch.sources import Sources
        from eureka_torch.trial import variable_names

        check_device(self.options.device)
        env = make(self.options)
        names = variable_names(env, self.options.env, self.options.device)
        sources = Sources(request.sources, env.observation_space.shape[0], names, request.task)
        limit = self.options.max_episode_steps or env.max_episode_steps
        return TorchBatch(env, request.num_envs, sources, limit, self.options.device)

    @component.hookimpl
    def eureka_extract_context(self, request: ContextRequest) -> str:
        """Spaces, docstring and source of the class without its `native`."""
        from eureka_torch.context import describe

        return describe(self.options.env, request.env)
