"""`reward-components`: tell the generator how each term of the parent's reward and its fitness went during training."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.builtin.outside_text import one_line
from eureka.builtin.training_text import checkpoints, fitness_row, lesson_rows, number, row, trained_for
from eureka.component import Component, hookimpl
from eureka.history import Entry, History

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
        points = checkpoints(history, history.by_id[parent])
        if not points:
            return ""
        names = list(dict.fromkeys(name for p in points for name in p.components))
        curves = {name: [p.components[name] for p in points if name in p.components] for name in names}
        terms = {name: curve for name, curve in curves.items() if name != "total"}
        lines = [
            f"{trained_for(points)}; reward terms are means per step since the point before.",
            "",
            *_lessons(history, history.by_id[parent]),
            fitness_row(history, points),
            row("episode length", [p.length for p in points]),
            *([row("total reward", curves["total"])] if "total" in curves else []),
            *(row(f"term `{one_line(name, 80)}`", curve) for name, curve in terms.items()),
        ]
        remarks = _remarks([p.fitness for p in points], terms)
        if remarks:
            lines += ["", "What stands out:", *(f"- {remark}" for remark in remarks)]
        return "\n".join([*lines, "", _READING])


def _lessons(history: History, entry: Entry) -> list[str]:
    rows = lesson_rows(history, entry)
    return ["First came lessons, other versions of the task under the same reward:", *rows, "Then the task itself:"] if rows else []


def _remarks(fitness: Sequence[float], terms: dict[str, list[float]]) -> list[str]:
    remarks = []
    if _flat(fitness):
        remarks.append(f"Fitness never changed from {number(fitness[0])}: the policy learnt nothing that counts.")
    remarks += [f"The term `{one_line(n, 80)}` is constant over the training." for n, curve in terms.items() if _flat(curve)]
    sizes = {name: sum(map(abs, curve)) / len(curve) for name, curve in terms.items()}
    if len(sizes) > 1:
        largest = max(sizes, key=lambda name: sizes[name])
        if all(sizes[largest] > _DWARFS * size for name, size in sizes.items() if name != largest):
            remarks.append(f"The term `{one_line(largest, 80)}` is more than {_DWARFS:g} times as large as every other term.")
    return remarks


def _flat(curve: Sequence[float]) -> bool:
    return len(curve) > 1 and len({number(v) for v in curve}) == 1
