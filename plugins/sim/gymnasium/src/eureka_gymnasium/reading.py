"""Reading a task's sources from N rows: all rows at once where the observation is an array, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import ConfigError
from eureka.types import Task
from eureka_gymnasium import spaces
from eureka_gymnasium.sources import Source, SourceError, follow, parse, to_array


class Readers:
    """The sources of one environment, resolved on an instance made for that and thrown away.

    Raises ConfigError for a source that does not parse, does not resolve or is no number or vector, and for spaces that are not
    supported. An `info` key may be missing at reset or in single steps and then reads 0; it must be there at the reset or the
    first step.
    """

    def __init__(self, make: Callable[[], Any], sources: Mapping[str, str], task: object = None) -> None:
        self._task = task
        self._sources: dict[str, Source] = {}
        for name, text in sources.items():
            try:
                self._sources[name] = parse(text)
            except SourceError as error:
                raise self._error(name, text, error) from None
        probe = make()
        try:
            self.observations = spaces.observations(probe.observation_space)
            self.actions = spaces.actions(probe.action_space)
            self.shapes = self._probe(probe)
        finally:
            probe.close()
        whole = {name for name, source in self._sources.items() if source.root == "obs" and self.observations.stacked}
        self._whole: list[tuple[str, Any]] = [(name, (slice(None), *self._sources[name].steps)) for name in whole]
        self._by_row = [(name, source, self.shapes[name]) for name, source in self._sources.items() if name not in whole]

    def buffers(self, num_envs: int) -> dict[str, Array]:
        """A zero array for every value. float64 (N,) or (N, d)."""
        return {name: np.zeros((num_envs, *shape)) for name, shape in self.shapes.items()}

    def read_row(self, values: Mapping[str, Array], row: int, observation: Any, info: Mapping[str, Any], env: Any) -> None:
        """Read one row's `env`, `info` and unstacked `obs` sources into `values`. env: the unwrapped environment."""
        for name, source, shape in self._by_row:
            root = env if source.root == "env" else info if source.root == "info" else observation
            if root is info and source.steps[0] not in info:
                continue
            try:
                value = to_array(follow(source, root))
            except SourceError as error:
                raise self._error(name, source.text, error) from None
            if value.shape != shape:
                raise self._error(name, source.text, f"its shape changed from {shape} to {value.shape} during an episode")
            values[name][row] = value

    def read_all(self, values: dict[str, Array], observations: NDArray[np.generic]) -> None:
        """Read the sources that index the stacked observations into `values`. observations: (N, *obs shape)."""
        for name, index in self._whole:
            values[name] = observations[index].astype(np.float64)

    def _probe(self, env: Any) -> dict[str, tuple[int, ...]]:
        """The shape of every value, () or (d,), read after a reset and again after a random step."""
        env.action_space.seed(0)
        observation, info = env.reset(seed=0)
        at_reset = self._resolve({"obs": observation, "info": info, "env": env.unwrapped}, "reset")
        observation, _, _, _, info_after = env.step(env.action_space.sample())
        roots = {"obs": observation, "info": {**info, **info_after}, "env": env.unwrapped}
        shapes = self._resolve(roots, "step")
        for name, shape in at_reset.items():
            if shapes[name] != shape:
                message = f"its shape is {shape} after a reset and {shapes[name]} after a step"
                raise self._error(name, self._sources[name].text, message)
        return shapes

    def _resolve(self, roots: Mapping[str, Any], after: str) -> dict[str, tuple[int, ...]]:
        shapes = {}
        for name, source in self._sources.items():
            if after == "reset" and source.root == "info" and source.steps[0] not in roots["info"]:
                continue
            try:
                value = follow(source, roots[source.root])
                try:
                    shapes[name] = to_array(value).shape
                except SourceError as error:
                    raise SourceError(f"it {error}") from None
            except SourceError as error:
                raise self._error(name, source.text, error, f" after a {after}") from None
        return shapes

    def _error(self, name: str, text: str, problem: object, when: str = "") -> ConfigError:
        # Core reads the fitness through the same door; there the name is not one of the task's variables.
        known = not isinstance(self._task, Task) or name in self._task.variables
        where = f"variables.{name}.from" if known else "fitness.value"
        return ConfigError(f"{where}: {text!r} cannot be read{when}: {problem}.")
