"""Which variables follow the environment's own reward or the fitness: measured on recorded transitions, not guessed from names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.types import Task
from eureka.worker.recorded import Recorded
from eureka.worker.variables import CORE

LIMIT = 0.95
"""The least |r| that counts as following."""

_ENOUGH = 10  # steps; fewer correlate by chance
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Leak:
    """A variable that follows something a reward must not be told.

    entry: which of a vector variable's entries does, None for a scalar. change: not it but its difference to `prev_` does.
    followed: "the environment's own reward" or "the fitness". correlation: Pearson's r, |r| ≥ LIMIT.
    """

    name: str
    entry: int | None
    change: bool
    followed: str
    correlation: float

    @property
    def reason(self) -> str:
        """Fit to follow "NAME: "."""
        entry = "it" if self.entry is None else f"entry {self.entry}"
        change = "its change" if self.entry is None else f"the change of {entry}"
        return f"{change if self.change else entry} follows {self.followed} (correlation {self.correlation:.2f})"


def find_leaks(task: Task, recorded: Recorded) -> list[Leak]:
    """The variables that follow the environment's own reward or the per-step fitness, each with its closest match, in the task's order.

    recorded: must hold every variable and its `prev_`. An entry of a variable, or its change over a step, follows a series where
    Pearson's |r| ≥ LIMIT over all steps or over those that did not terminate the episode, whose lump sum can hide a leak. A few
    large events are a correlation like any other. Left out: a change on an episode's first step, since what only steps give has no
    value before it; steps where a value is not finite; series that do not vary. What core itself provides (`action`, …) is exempt.
    """
    targets = {"the environment's own reward": recorded.native}
    if task.fitness.value != "native":
        targets["the fitness"] = recorded.fitness
    masks = [np.ones(recorded.native.shape, bool), ~recorded.terminated]
    ended = (recorded.terminated | recorded.truncated)[:-1]
    later = np.concatenate([np.zeros((1, recorded.num_envs), bool), ~ended])
    leaks = []
    for name, spec in task.variables.items():
        if spec.source in CORE:
            continue
        best: Leak | None = None
        for entry, now, before in _entries(recorded, name):
            for followed, target in targets.items():
                found = [(False, correlation(now[mask], target[mask])) for mask in masks]
                with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is left out
                    change = now - before
                found += [(True, correlation(change[mask & later], target[mask & later])) for mask in masks]
                is_change, r = max(found, key=lambda one: abs(one[1]))
                if abs(r) >= LIMIT and (best is None or abs(r) > abs(best.correlation)):
                    best = Leak(name, entry, is_change, followed, r)
        if best is not None:
            leaks.append(best)
    return leaks


def warnings(task: Task, leaks: Sequence[Leak], derived: bool) -> tuple[str, ...]:
    """What to tell the user of variables that are kept although they follow something: a sentence for each thing followed."""
    told = []
    for followed in dict.fromkeys(leak.followed for leak in leaks):
        mine = [leak for leak in leaks if leak.followed == followed]
        names = [f"{_label(leak)} (correlation {leak.correlation:.2f})" for leak in mine[:_NAMED]]
        names += [f"{len(mine) - _NAMED} more"] * (len(mine) > _NAMED)
        who = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        verb, them = ("follows", "it") if len(mine) == 1 else ("follow", "them")
        if not derived:
            do = f"remove {them} from the task's variables."
        elif "hide" in task.sim.options:
            hidden = dict.fromkeys([*task.sim.options["hide"], *(leak.name for leak in mine)])
            do = f"leave {them} out: --set 'task.sim.hide=[{', '.join(hidden)}]'"
        else:
            do = f"list the task's variables without {them}."
        told.append(
            f"Under random actions {who} {verb} {followed}: a reward that takes {them} may do no more than repeat that. "
            f"If it should not, {do}"
        )
    return tuple(told)


def correlation(x: Array, y: Array) -> float:
    """Pearson's r of two series, over the steps where both are finite; 0 where one does not vary or fewer than 10 steps are left."""
    finite = np.isfinite(x) & np.isfinite(y)
    if finite.sum() < _ENOUGH:
        return 0.0
    a, b = _centred(x[finite]), _centred(y[finite])
    norm = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / norm) if norm else 0.0


def _centred(x: Array) -> NDArray[np.float64]:
    """Less its mean and of size 1 at most, so that no square overflows; zeros where it varies by rounding errors alone."""
    scale = float(np.abs(x).max())
    centred = x / scale - (x / scale).mean() if scale else np.zeros_like(x)
    size = float(np.abs(centred).max())
    return centred / size if size > 1e-9 else np.zeros_like(x)


def _entries(recorded: Recorded, name: str) -> Iterator[tuple[int | None, Array, Array]]:
    """Each entry of a variable: its index (None for a scalar), its values and those before the step, float64 (T, N)."""
    now, before = recorded.variables[name], recorded.variables[f"prev_{name}"]
    if now.ndim == 2:
        yield None, now, before
        return
    for entry in range(now.shape[2]):
        yield entry, now[..., entry], before[..., entry]


def _label(leak: Leak) -> str:
    entry = leak.name if leak.entry is None else f"{leak.name}[{leak.entry}]"
    return f"the change of {entry}" if leak.change else entry
