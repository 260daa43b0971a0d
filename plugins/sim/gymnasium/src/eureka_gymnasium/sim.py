"""The `gymnasium` component of kind `sim`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from eureka import component
from eureka.env import BatchedEnv, EnvRequest
from eureka.hookspecs import ContextRequest, Derived, DeriveRequest
from eureka_gymnasium import option_files

if TYPE_CHECKING:
    from eureka_gymnasium.layers import Env

Arguments = Annotated[dict[str, Any], AfterValidator(option_files.arguments)]
WrapperWithArguments = Annotated[dict[str, Any], AfterValidator(option_files.wrapper)]


class GymnasiumSim(component.Component):
    """Run any Gymnasium environment as independent rows of one batch."""

    class Options(component.Options):
        env: component.ClassPath = Field(
            min_length=1,
            description="Environment id, such as CartPole-v1; `module:Id-v0` imports the module first; `FILE.py:Class` is your own.",
        )
        kwargs: Arguments = Field(
            {},
            description="Keyword arguments of the environment; text that begins with ./, ../ or ~/ is a file beside the task.",
        )
        wrappers: tuple[component.ClassPath | WrapperWithArguments, ...] = Field(
            (),
            description="Wrappers around every row, innermost first: `module:Class`, `FILE.py:Class`, or either with its arguments, "
            "as `{use: gymnasium.wrappers:FrameStackObservation, stack_size: 4}`.",
        )
        max_episode_steps: int | None = Field(None, ge=1, description="Steps until truncation; empty for the environment's own limit.")
        context: component.ConfigPath | None = Field(
            None, description="A text file that takes the place of the environment's documentation and source in prompts."
        )
        hide: tuple[str, ...] = Field(
            (), description="Attributes, methods and variables of the environment's code to keep out of prompts and derived variables."
        )

        batched: bool = Field(
            True,
            description="Step classic control (CartPole, Acrobot, MountainCar, MountainCarContinuous, Pendulum) as arrays, and LunarLander "
            "by shorter code of ours, which gives the same numbers sooner; `false` takes Gymnasium's own, row after row.",
        )

    options: Options

    @component.hookimpl
    def eureka_warm_up(self) -> None:
        """Import the library and the environment's module. Makes no environment."""
        from eureka_gymnasium import batched, reading  # noqa: F401
        from eureka_gymnasium.classic import choice  # noqa: F401
        from eureka_gymnasium.make import load_module

        load_module(self.options)

    @component.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> BatchedEnv:
        """Make `request.num_envs` rows. Raises ConfigError for an option or a source that does not work here, or what cannot be drawn."""
        from eureka_gymnasium.batched import GymnasiumEnv
        from eureka_gymnasium.classic.choice import classic
        from eureka_gymnasium.make import make_row
        from eureka_gymnasium.reading import Readers

        make = partial(make_row, self.options)
        readers = Readers(make, request.sources, request.task)
        if request.render is not None:
            from eureka_gymnasium.rendered import Rendered

            return Rendered(self.options, request.render, readers)
        if not self.options.batched:
            return GymnasiumEnv(make, request.num_envs, readers)
        return classic(make, request.num_envs, readers) or GymnasiumEnv(make, request.num_envs, readers, _stepper(make, readers.inside))

    @component.hookimpl
    def eureka_derive_variables(self, request: DeriveRequest) -> Derived:
        """Variables from the observation's documentation, MuJoCo's names and the attributes that change, without the reward's."""
        from eureka_gymnasium.derive import derive_variables

        return derive_variables(self.options, request)

    @component.hookimpl
    def eureka_extract_context(self, request: ContextRequest) -> str:
        """Spaces, documentation and source without the reward. Raises ConfigError where the reward cannot be taken out."""
        from eureka_gymnasium.context import describe

        return describe(self.options, request)


def _stepper(make: Callable[[], Env], inside: type | None) -> Callable[[Any], Any] | None:
    """What steps a row of this environment sooner than its own `step`, given the environment; None for most."""
    if inside is None or inside.__module__ != "gymnasium.envs.box2d.lunar_lander":
        return None
    from eureka_gymnasium import lunar_lander

    return lunar_lander.stepper if lunar_lander.fits(make) else None
