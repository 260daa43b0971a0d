"""One row that somebody watches: drawn by the environment itself, stepped by Gymnasium's own code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from eureka.env import RenderMode, Reset
from eureka.errors import ConfigError
from eureka_gymnasium import headless
from eureka_gymnasium.batched import GymnasiumEnv
from eureka_gymnasium.make import make_row, needs_package
from eureka_gymnasium.reading import Readers

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim

_USUAL_FPS = 30.0


class Rendered(GymnasiumEnv):
    """A `eureka.env.RenderedEnv`. Raises ConfigError where the environment cannot be drawn here, from `render` or, of a window, `reset`."""

    def __init__(self, options: GymnasiumSim.Options, mode: RenderMode, readers: Readers) -> None:
        headless.pygame_without_display()
        self._name = options.env
        self._human = mode == "human"
        self._last: NDArray[np.uint8] | None = None
        super().__init__(partial(make_row, options, mode), 1, readers)
        env = self._envs[0]
        modes = env.metadata.get("render_modes") or ()
        if env.render_mode != mode or (modes and mode not in modes and not self._human):  # a window Gymnasium makes of frames
            raise ConfigError(f"sim.env: {self._name} cannot be drawn as {mode}; its render modes: {', '.join(modes) or 'none'}.")
        if not self._human and hasattr(env.unwrapped, "mujoco_renderer"):
            headless.mujoco_without_display(self._name)
        self.render_fps = float(env.metadata.get("render_fps") or _USUAL_FPS)

    def reset(self, seeds: Sequence[int]) -> Reset:
        """See `BatchedEnv.reset`. A window opens here."""
        self._last = None
        if not self._human:
            return super().reset(seeds)
        with self._drawing():
            reset = super().reset(seeds)
        headless.check_window(self._name)
        return reset

    def render(self) -> NDArray[np.uint8]:
        """See `RenderedEnv.render`."""
        return self._frame(self._envs[0]) if self._last is None else self._last

    def _step_of(self, env: gymnasium.Env[Any, Any]) -> tuple[Callable[[Any], Any], gymnasium.wrappers.TimeLimit | None]:
        """The step of the row, which sees to it that an episode's last state is drawn before the next begins."""
        step = env.step

        def seen(action: Any) -> Any:
            self._last = None
            result = step(action)
            if not self._human and (result[2] or result[3]):
                self._last = self._frame(env)
            return result

        return seen, None

    def _frame(self, env: gymnasium.Env[Any, Any]) -> Any:
        with self._drawing():
            return env.render()

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """Tells what goes wrong in drawing as a ConfigError."""
        try:
            yield
        except gymnasium.error.DependencyNotInstalled as error:
            raise ConfigError(f"sim.env: {self._name} {needs_package(str(error))}") from error
        except ConfigError:
            raise
        except Exception as error:
            text = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")
            raise ConfigError(f"sim.env: {self._name} could not be drawn ({text}).") from error
