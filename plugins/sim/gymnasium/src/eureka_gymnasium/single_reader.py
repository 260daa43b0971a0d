"""Reading a task's sources from one environment that somebody else steps. It is never stepped or reset for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from eureka.env import Array
from eureka.errors import ConfigError
from eureka_gymnasium.layers import depth_of, layers
from eureka_gymnasium.sources import Source, SourceError, follow, parse, to_array


class SingleReader:
    """The sources of one environment. sources: name → source. Raises ConfigError for one that does not parse."""

    def __init__(self, env: gymnasium.Env[Any, Any], sources: Mapping[str, str]) -> None:
        self._env = env
        self._sources: dict[str, Source] = {}
        for name, text in sources.items():
            try:
                self._sources[name] = parse(text)
            except SourceError as error:
                raise self._error(name, text, error) from None
        self._owners: dict[str, Any] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def read(self, observation: Any, info: Mapping[str, Any]) -> dict[str, Array]:
        """Every value of the state there is, float64 (1,) or (1, d), without those whose `info` key is missing. Raises ConfigError."""
        if isinstance(self._env.observation_space, spaces.Box):
            observation = np.asarray(observation).astype(self._env.observation_space.dtype)  # as it is stored in training
        values = {}
        for name, source in self._sources.items():
            if source.root == "info" and source.steps[0] not in info:
                continue
            root = self._owner(source) if source.root == "env" else info if source.root == "info" else observation
            try:
                value = to_array(follow(source, root))
            except SourceError as error:
                raise self._error(name, source.text, error) from None
            if self._shapes.setdefault(name, value.shape) != value.shape:
                raise self._error(name, source.text, f"its shape changed from {self._shapes[name]} to {value.shape}")
            values[name] = np.array(value)[None]
        return values

    def complete(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """The values, and 0 for what `info` did not give. Raises ConfigError for what it never gave yet."""
        for name, source in self._sources.items():
            if name not in self._shapes:
                raise self._error(name, source.text, f"info has no key {source.steps[0]!r} after the reset and the first step")
        return {name: values[name] if name in values else np.zeros((1, *self._shapes[name])) for name in self._sources}

    def _owner(self, source: Source) -> Any:
        """The wrapper, or the environment inside, that an `env.` source reads."""
        name = str(source.steps[0])
        if name not in self._owners:
            all_layers = layers(self._env)
            self._owners[name] = all_layers[depth_of(name, all_layers)]
        return self._owners[name]

    def _error(self, name: str, text: str, problem: object) -> ConfigError:
        spec = self._env.spec
        where = spec.id if spec is not None else type(self._env.unwrapped).__name__
        return ConfigError(
            f"RewardWrapper: the variable {name} ({text}) cannot be read from {where}: {problem}. Wrap the environment that the reward was "
            "found for, with the same wrappers inside as its task has."
        )


def applied(space: gymnasium.Space[Any], action: Any) -> Array:
    """The action as a reward sees it, float64 (1, d): clipped to a Box's bounds and of its dtype, else the integers themselves."""
    array = np.asarray(action)
    if isinstance(space, spaces.Box):
        array = np.clip(array.astype(np.float64), space.low, space.high).astype(space.dtype)
    return array.astype(np.float64).reshape(1, -1)
