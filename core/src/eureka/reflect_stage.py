"""Between two iterations: people are asked, parents are chosen, and each parent gets its reflection."""

from __future__ import annotations

import math
from typing import Any

from eureka.builtin.people_text import in_place_of_reflection
from eureka.errors import PluginContractError
from eureka.history import History
from eureka.hookspecs import Selected
from eureka.people import ask_people
from eureka.run import Run
from eureka.types import Reflection, Selection


def reflect(run: Run, restart: int, iteration: int) -> None:
    """Bring what comes after an iteration to its end: it has its selection, and each parent a reflection."""
    if (restart, iteration) not in run.state.selections:
        ask_people(run, restart, iteration)
        run.stage("reflect", restart, iteration)
        chosen = _select(run, run.state.history(restart))
        scores = {"scores": dict(chosen.scores), "scored_by": chosen.scored_by}
        run.record(Selection(restart=restart, iteration=iteration, parents=tuple(chosen.parents), **scores))
    for parent in run.state.selections[restart, iteration].parents:
        if (restart, iteration, parent) not in run.state.reflections:
            history = run.state.history(restart)
            text, notes = in_place_of_reflection(history, iteration, parent)
            if not notes:
                text = run.expect(run.hooks.hook.eureka_reflect(history=history, parent=parent), "eureka_reflect", "a text")
            run.record(Reflection(restart=restart, iteration=iteration, parent=parent, text=text, notes=notes))


def _select(run: Run, history: History) -> Selected:
    """What the selector chose, held to its contract; nothing where nothing has trained."""
    if not any(history.trained()):
        return Selected((), {}, "")
    answer = run.expect(run.hooks.hook.eureka_select(history=history), "eureka_select", "the ids of the parents")
    chosen = answer if isinstance(answer, Selected) else Selected(tuple(answer), {}, "")
    if unknown := [id_ for id_ in (*chosen.parents, *chosen.scores) if id_ not in history.by_id]:
        raise PluginContractError(f"selector: eureka_select named {unknown}; expected ids of candidates of this restart.")
    if wrong := {id_: score for id_, score in chosen.scores.items() if not _is_finite(score)}:
        raise PluginContractError(f"selector: eureka_select gave the scores {wrong}; expected finite numbers.")
    return chosen


def _is_finite(score: Any) -> bool:
    try:
        return math.isfinite(score)
    except TypeError:
        return False
