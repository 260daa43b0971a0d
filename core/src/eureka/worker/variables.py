"""Where each name a reward may take comes from: the simulator, core, or a function of the task's author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import ConfigError
from eureka.suggest import closest
from eureka.types import Task
from eureka.worker.functions import Function, is_function, load_function

CORE = ("action", "native", "length", "terminated")
"""Sources core provides in every state. In a reset state all of them are zeros."""

FITNESS = "fitness:value"
"""Name of the fitness's own raw source; never a variable's, for it is no identifier."""


def all_names(task: Task) -> tuple[str, ...]:
    """Every name a reward of this task may take: its variables, their `prev_`, and `terminated` unless that means success."""
    names = [*task.variables, *(f"prev_{name}" for name in task.variables)]
    if not task.terminated_is_success:
        names.append("terminated")
    return tuple(dict.fromkeys(names))


def raw_sources(task: Task, names: Sequence[str]) -> dict[str, str]:
    """What the simulator must read to record these names and the fitness: variable name → raw source, and `fitness:value` → the
    fitness's own. For `EnvRequest.sources`. Raises ConfigError for an unknown name or a function that does not bind."""
    return VariablePlan(task, names).raw


class VariablePlan:
    """How to compute `names` and the fitness of a task from raw source values.

    names: what is recorded. raw: see `raw_sources`. prev: recorded or needed `prev_<name>` → name.
    calls: whether a function of the author's is called, each step. held: the values of a state that the next step needs.
    core_held: which of `CORE` they depend on.
    Raises ConfigError for an unknown name, or a function that does not load or bind.
    """

    def __init__(self, task: Task, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.raw: dict[str, str] = {}
        self.prev: dict[str, str] = {}
        self._task = task
        self._core: dict[str, str] = {}
        self._functions: dict[str, Function] = {}
        for name in self.names:
            self._need(name, (*all_names(task), "action", "prev_action"), "reward")
        self.fitness: Function | str = self._bind_fitness()
        order = list(task.variables)
        self._functions = dict(sorted(self._functions.items(), key=lambda item: order.index(item[0])))
        self.calls = bool(self._functions) or isinstance(self.fitness, Function)
        # A row that rests keeps its values for functions to see.
        self.held = tuple(dict.fromkeys([*self.prev.values(), *(self.raw if self.calls else ())]))
        self.core_held = CORE if self.calls else tuple({self._core.get(name, name) for name in self.held} & set(CORE))

    def state(self, raw: Mapping[str, Array], core: Mapping[str, Array], live: NDArray[np.bool_] | None = None) -> dict[str, Array]:
        """Every value of one state of N rows, each float64 (N,) or (N, d): core's, the simulator's, then the functions'.

        raw: values of `self.raw`. core: values of `CORE`. live: rows in which a function's result must be finite.
        """
        state = dict(core)
        state.update({name: core[source] for name, source in self._core.items()})
        state.update({name: raw[name] for name in self.raw})
        for name, function in self._functions.items():
            state[name] = function(state, live)
        return state

    def fitness_value(self, state: Mapping[str, Array], core: Mapping[str, Array], prev: Mapping[str, Array]) -> Array:
        """The fitness value of one step, float64 (N,); not checked for being finite. Raises ConfigError for another shape."""
        if isinstance(self.fitness, Function):
            value = np.asarray(self.fitness.call({**state, **prev}), np.float64)
        else:
            value = core[self.fitness] if self.fitness in CORE else state[FITNESS]
        rows = len(core["native"])
        if value.shape == (rows, 1):
            return value[:, 0]
        if value.shape != (rows,):
            raise ConfigError(f"fitness.value: {self._task.fitness.value}: shape {value.shape}; expected ({rows},), one number per row.")
        return value

    def _bind_fitness(self) -> Function | str:
        source = self._task.fitness.value
        if is_function(source):
            function = load_function(source, (*all_names(self._task), "prev_action", *CORE), "fitness.value")
            for name in function.arguments:
                self._need(name, function.arguments, "fitness.value")
            return function
        if source not in CORE:
            self.raw[FITNESS] = source
        return source

    def _need(self, name: str, valid: Sequence[str], where: str) -> None:
        """Note what must be read and called for `name`."""
        variables = self._task.variables
        if name not in valid:
            near = closest(name, valid)
            hint = f" Did you mean {near!r}?" if near is not None else ""
            raise ConfigError(f"{where}: no variable {name!r}.{hint} Valid: {', '.join(dict.fromkeys(valid))}.")
        if name not in variables and name.startswith("prev_"):
            self.prev[name] = name.removeprefix("prev_")
            name = self.prev[name]
        if name not in variables or name in self._functions:
            return
        source, place = variables[name].source, f"variables.{name}.from"
        if source == "native":
            raise ConfigError(f"{place}: native is for fitness.value only: a reward must not see the environment's own.")
        if source in CORE:
            self._core[name] = source
        elif is_function(source):
            earlier = list(variables)[: list(variables).index(name)]
            usable = [v for v in variables if v in earlier or not is_function(variables[v].source)]
            function = load_function(source, (*(v for v in usable if v != name), *CORE), place)
            self._functions[name] = function
            for argument in function.arguments:
                self._need(argument, function.arguments, place)
        else:
            self.raw[name] = source
