"""Reading a task's sources from N rows: all rows at once where the observation is an array, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import ConfigError
from eureka.types import Task
from eureka_gymnasium import spaces
from eureka_gymnasium.blocks import Block, all_rows, plan
from eureka_gymnasium.layers import Env, bare, depth_of, layers, own_names
from eureka_gymnasium.probe import run
from eureka_gymnasium.sources import Source, SourceError, follow, parse, to_array


class Readers:
    """The sources of one environment, resolved on an instance made for that and thrown away.

    Raises ConfigError for a source that does not parse, does not resolve or is no number or vector, for spaces that are not supported,
    and for an environment whose first reset or step fails. An `info` key may be missing at reset or in single steps and then reads 0;
    it must be there at the reset or the first step.
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
            whole = [name for name, source in self._sources.items() if source.root == "obs" and self.observations.stacked]
            self._whole = [(name, self._sources[name].steps) for name in whole]
            self.actions = spaces.actions(probe.action_space)
            inner = bare(probe)
            self.inside = None if inner is None else type(inner[0])
            """The environment's class, where around it is only what `gymnasium.make` puts there."""
            self.shapes = self._probe(probe)
        finally:
            probe.close()

    @property
    def by_row(self) -> dict[str, Source]:
        """The sources that are not of the stacked observations: name → source."""
        whole = {name for name, _ in self._whole}
        return {name: source for name, source in self._sources.items() if name not in whole}

    def block(self, num_envs: int) -> Block:
        """Where the sources that are read row by row are gathered: `env`, `info`, and `obs` that is not stacked. All 0."""
        return Block(self._singles, self._shared, num_envs, self._read)

    def of_observations(self, observations: NDArray[np.generic]) -> dict[str, Array]:
        """The sources that index the stacked observations (N, *obs shape), each float64 (N,) or (N, d)."""
        return {name: all_rows(index, observations) for name, index in self._whole}

    def _read(self, name: str, root: Any) -> Array:
        """One source from its root, with every check."""
        source, shape = self._sources[name], self.shapes[name]
        try:
            value = to_array(follow(source, root))
        except SourceError as error:
            raise self._error(name, source.text, error) from None
        if value.shape != shape:
            raise self._error(name, source.text, f"its shape changed from {shape} to {value.shape} during an episode")
        return value

    def _probe(self, env: Env) -> dict[str, tuple[int, ...]]:
        """The shape of every value, () or (d,), read after a reset and again after a random step."""
        env.action_space.seed(0)
        env_layers, box = layers(env), self.observations.space
        observation, info = run(env.reset, "observation, info", box, seed=0)
        self._depths = {name: depth_of(str(source.steps[0]), env_layers) for name, source in self._sources.items() if source.root == "env"}
        at_reset = self._resolve(observation, info, env_layers, "reset")
        step = run(env.step, "observation, reward, terminated, truncated, info", box, env.action_space.sample())
        infos = {**info, **step[-1]}
        shapes = self._resolve(step[0], infos, env_layers, "step")
        for name, shape in at_reset.items():
            if shapes[name] != shape:
                message = f"its shape is {shape} after a reset and {shapes[name]} after a step"
                raise self._error(name, self._sources[name].text, message)
        self._singles, self._shared = plan(
            (name, source, self._depths.get(name, 0), shapes[name], self._root(name, step[0], infos, env_layers))
            for name, source in self.by_row.items()
        )
        return shapes

    def _root(self, name: str, observation: Any, info: Mapping[str, Any], env_layers: Sequence[Env]) -> Any:
        root = self._sources[name].root
        return env_layers[self._depths[name]] if root == "env" else info if root == "info" else observation

    def _resolve(self, observation: Any, info: Mapping[str, Any], env_layers: Sequence[Env], after: str) -> dict[str, tuple[int, ...]]:
        shapes = {}
        for name, source in self._sources.items():
            if after == "reset" and source.root == "info" and source.steps[0] not in info:
                continue
            try:
                value = follow(source, self._root(name, observation, info, env_layers))
                try:
                    shapes[name] = to_array(value).shape
                except SourceError as error:
                    raise SourceError(f"it {error}") from None
            except SourceError as error:
                more = _names_of_wrappers(source, env_layers) if source.root == "env" else ""
                raise self._error(name, source.text, f"{error}{more}", f" after a {after}") from None
        return shapes

    def _error(self, name: str, text: str, problem: object, when: str = "") -> ConfigError:
        # Core reads the fitness through the same door; there the name is not one of the task's variables.
        known = not isinstance(self._task, Task) or name in self._task.variables
        where = f"variables.{name}.from" if known else "fitness.value"
        return ConfigError(f"{where}: {text!r} cannot be read{when}: {problem}.")


def _names_of_wrappers(source: Source, env_layers: Sequence[Env]) -> str:
    """What could be read of the wrappers, where the environment has no such attribute."""
    *wrappers, base = env_layers
    names = [name for wrapper in wrappers for name in own_names(wrapper)]
    return f"; of its wrappers: {', '.join(names)}" if names and source.steps[0] not in dir(base) else ""
