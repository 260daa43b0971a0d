"""The variables of a task that declares none: asked of its simulator, and held to what holds for declared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pluggy

from eureka.builtin.bind import FUNCTION
from eureka.config_resolving import check_name
from eureka.errors import ConfigError, PluginContractError
from eureka.extraction import inspect_arguments
from eureka.hookspecs import Derived, DeriveRequest
from eureka.types import Dropped, Task, VariableSpec
from eureka.worker.functions import Function
from eureka.worker.variables import CORE, VariablePlan

_EXAMPLE = "variables: {height: {from: obs[0], meaning: above the ground, unit: m}, action: {from: action}}"


def derive(hooks: pluggy.PluginManager, task: Task, seed: int) -> Derived:
    """What the simulator derives. Raises ConfigError where it cannot or finds nothing, PluginContractError for what is no answer."""
    hook = f"task.sim: {task.sim.use}: eureka_derive_variables"
    derived = hooks.hook.eureka_derive_variables(request=DeriveRequest(task=task, seed=seed))
    if derived is None:
        raise ConfigError(
            f"variables: the task declares none and simulator {task.sim.use} cannot derive them; declare them in the task: {_EXAMPLE}"
        )
    if not isinstance(derived, Derived):
        raise PluginContractError(f"{hook} returned {type(derived).__name__}; expected eureka.hookspecs.Derived or None.")
    for name in derived.variables:
        try:
            check_name(name)
        except ConfigError as error:
            raise PluginContractError(f"{hook} named a variable {name!r}: {error}.") from None
    check_left(task, derived.variables, derived.dropped)
    return derived


def check_left(task: Task, variables: Mapping[str, VariableSpec], dropped: Sequence[Dropped]) -> None:
    """Raise ConfigError where nothing but the action is left to compute a reward from."""
    if all(spec.source in CORE for spec in variables.values()):
        out = f"; left out: {', '.join(f'{d.name} ({d.reason})' for d in dropped)}" if dropped else ""
        raise ConfigError(
            f"variables: the task declares none and simulator {task.sim.use} finds none that a reward may use{out}. "
            f"Declare them in the task: {_EXAMPLE}"
        )


def kept_anyway(task: Task, derived: Derived) -> frozenset[str]:
    """Derived variables that stay whatever they follow: state, and what the task's own fitness function or human reward takes."""
    fitness = VariablePlan(task, ()).fitness
    taken = list(fitness.arguments) if isinstance(fitness, Function) else []
    if task.human != "native":
        taken += inspect_arguments(Path(task.human).read_text(encoding="utf-8"), FUNCTION)
    return derived.state | {name.removeprefix("prev_") for name in taken}
