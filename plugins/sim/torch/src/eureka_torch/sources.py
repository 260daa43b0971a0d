"""What a variable's `from` may be: a name of the environment's `variables`, or an entry or a slice of the observation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch

from eureka.errors import ConfigError
from eureka.suggest import did_you_mean
from eureka.types import Task
from eureka_torch.env import State, TorchEnv

_OBSERVED = re.compile(r"obs(?:\[(\d+)(?::(\d+))?\])?")


class Sources:
    """The sources of one environment, each checked. Raises ConfigError naming the variable and what is valid.

    sources: variable name → source. size: entries of the observation. names: of the environment's variables. task: to say where in it.
    """

    def __init__(self, sources: Mapping[str, str], size: int, names: tuple[str, ...], task: object = None) -> None:
        self._task = task
        self._named: dict[str, str] = {}
        self._observed: dict[str, int | slice] = {}
        for name, source in sources.items():
            match = _OBSERVED.fullmatch(source)
            if match is not None:
                self._observed[name] = self._place(name, source, match, size)
            elif source in names:
                self._named[name] = source
            else:
                raise ConfigError(
                    f"{self._where(name)}: {source!r} is nothing this environment tells{did_you_mean(source, names)} Valid: "
                    f"{''.join(f'{known}, ' for known in names)}obs, obs[0] to obs[{size - 1}], obs[a:b], action, length, terminated, "
                    "FILE.py:function."
                )

    def read(self, env: TorchEnv, state: State, observations: torch.Tensor) -> dict[str, torch.Tensor]:
        """Each source's value in this state, (N,) or (N, d). It may share memory with the state."""
        variables = env.variables(state) if self._named else {}
        values = {name: variables[source] for name, source in self._named.items()}
        return values | {name: observations[:, at] for name, at in self._observed.items()}

    def _place(self, name: str, source: str, match: re.Match[str], size: int) -> int | slice:
        start, stop = (None if group is None else int(group) for group in match.groups())
        if start is None:
            return slice(None)
        if not (start < size if stop is None else start < stop <= size):
            raise ConfigError(
                f"{self._where(name)}: {source!r} is not within the observation, which has {size} entries: "
                f"valid are obs[0] to obs[{size - 1}], and obs[a:b] with a < b ≤ {size}."
            )
        return start if stop is None else slice(start, stop)

    def _where(self, name: str) -> str:
        # Core reads the fitness through the same door; there the name is not one of the task's variables.
        known: Any = self._task.variables if isinstance(self._task, Task) else {name}
        return f"variables.{name}.from" if name in known else "fitness.value"
