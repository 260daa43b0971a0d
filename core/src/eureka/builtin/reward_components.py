"""`reward-components`: tell the generator how each term of the parent's reward and its fitness went during training."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eureka.builtin.outside_text import one_line
from eureka.component import Component, hookimpl
from eureka.history import Entry, History
from eureka.types import CheckpointResult

_SHOWN = 10
_DWARFS = 10.0

_READING = """How to read this:
- Fitness is what counts; the reward is only a means to it. A total that rises while fitness does not is a reward for the wrong thing.
- A term whose values hardly change was either not learnt or cannot be influenced: change its scale or temperature, rewrite it, or drop it.
- A term much larger than the others drowns them: bring it to their scale, or transform it, for example with exp(-x / temperature).
- If fitness is flat, the reward gives no direction towards the task: write new terms rather than tuning the old ones.
- Short episodes end early. See whether that is success or failure, and whether the reward makes an early end attractive."""


class RewardComponentsReflector(Component):
    """Describe the parent's training by its checkpoints: each reward component, the total, fitness and episode length."""

    @hookimpl
    def eureka_reflect(self, history: History, parent: str) -> str:
        entry = history.by_id[parent]
        checkpoints = _checkpoints(history, entry)
        if not checkpoints:
            return ""
        goal = "higher is better" if history.task.fitness.goal == "maximize" else "lower is better"
        fitness = [c.fitness for c in checkpoints]
        names = list(dict.fromkeys(name for c in checkpoints for name in c.components))
        curves = {name: [c.components[name] for c in checkpoints if name in c.components] for name in names}
        terms = {name: curve for name, curve in curves.items() if name != "total"}
        lines = [
            f"A policy was trained with this reward for {checkpoints[-1].steps} environment steps. At {len(checkpoints)} points on the "
            "way it was evaluated; reward terms are means per step since the point before.",
            "",
            _row(f"fitness ({goal})", fitness),
            _row("episode length", [c.length for c in checkpoints]),
            *([_row("total reward", curves["total"])] if "total" in curves else []),
            *(_row(f"term `{one_line(name, 80)}`", curve) for name, curve in terms.items()),
        ]
        remarks = _remarks(fitness, terms)
        if remarks:
            lines += ["", "What stands out:", *(f"- {remark}" for remark in remarks)]
        return "\n".join([*lines, "", _READING])


def _checkpoints(history: History, entry: Entry) -> list[CheckpointResult]:
    """Of all segments; an identical program's where that was trained in its place."""
    if entry.outcome is not None and entry.outcome.shared_with is not None:
        entry = history.by_id.get(entry.outcome.shared_with, entry)
    return [checkpoint for result in entry.results for checkpoint in result.checkpoints]


def _row(label: str, curve: Sequence[float]) -> str:
    last = len(curve) - 1
    shown = curve if len(curve) <= _SHOWN else [curve[round(i * last / (_SHOWN - 1))] for i in range(_SHOWN)]
    finite = [v for v in curve if math.isfinite(v)] or [math.nan]
    values = ", ".join(map(_number, shown))
    return f"{label}: [{values}], max {_number(max(finite))}, mean {_number(sum(finite) / len(finite))}, min {_number(min(finite))}"


def _remarks(fitness: Sequence[float], terms: dict[str, list[float]]) -> list[str]:
    remarks = []
    if _flat(fitness):
        remarks.append(f"Fitness never changed from {_number(fitness[0])}: the policy learnt nothing that counts.")
    remarks += [f"The term `{one_line(n, 80)}` is constant over the training." for n, curve in terms.items() if _flat(curve)]
    sizes = {name: sum(map(abs, curve)) / len(curve) for name, curve in terms.items()}
    if len(sizes) > 1:
        largest = max(sizes, key=lambda name: sizes[name])
        if all(sizes[largest] > _DWARFS * size for name, size in sizes.items() if name != largest):
            remarks.append(f"The term `{one_line(largest, 80)}` is more than {_DWARFS:g} times as large as every other term.")
    return remarks


def _flat(curve: Sequence[float]) -> bool:
    return len(curve) > 1 and len({_number(v) for v in curve}) == 1


def _number(value: float) -> str:
    return f"{value + 0.0:.3g}"  # + 0.0: no "-0"
