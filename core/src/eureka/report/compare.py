"""Several runs on one page: what each came to and took, by task, and their best rewards beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import eureka
from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import duration, number
from eureka.estimate import dollars
from eureka.report import rewards, words
from eureka.report.colored import lines
from eureka.report.numbers import between, or_na
from eureka.report.plots.common import FOUND, HUMAN, LEGEND, OTHERS, SPARSE, Figure, fitness_title, line
from eureka.report.plots.final import Entry, final
from eureka.report.reading import Reported
from eureka.task_types import Fitness

HEADER = ["run", "state", "written by", "best in the search", "found reward", "95 % interval", "human reward", "human-normalised"]
TOOK = ["run", "candidates trained", "steps, training", "steps, evaluation", "time", "tokens", "cost"]


def comparison(runs: Sequence[Reported]) -> tuple[dict[str, Any], dict[str, Any]]:
    """First the script's data, then the template's values. Only runs of one task that measure the same fitness are compared."""
    names = _names(runs)
    tasks: dict[tuple[str, ...], list[tuple[str, Reported]]] = {}
    for name, run in zip(names, runs, strict=True):
        fitness = run.state.task.fitness
        tasks.setdefault((run.state.task.name, fitness.value, fitness.fold, fitness.goal), []).append((name, run))
    called = [name for name, *_ in tasks]
    figures: dict[str, Figure] = {}
    groups: list[dict[str, Any]] = []
    for number_, ((task, *measured), mine) in enumerate(tasks.items()):
        fitness = max((run.state.task.fitness for _, run in mine), key=lambda one: bool(one.unit))  # an older run names no unit
        figures[f"best-{number_}"] = _rise(mine, fitness)
        shown = _entries(mine)
        if shown:
            figures[f"final-{number_}"] = final(fitness, shown)
        rows = [_row(name, run) for name, run in mine]
        heading = f"{task} · fitness {', '.join(measured)}" if called.count(task) > 1 else task
        groups.append({"task": one_line(heading), "table": (HEADER, rows), "took": (TOOK, [_took(name, run) for name, run in mine])})
        groups[-1] |= {"final": bool(shown), "rewards": [_reward(name, run) for name, run in mine]}
    values = {
        "title": f"{len(runs)} runs · Eureka report",
        "sections": [(f"task-{number_}", group["task"]) for number_, group in enumerate(groups)],
        "heading": f"{len(runs)} runs compared",
        "groups": groups,
        "foot": f"Made by Eureka {eureka.__version__} on {words.clock(runs[0].as_of)}",
    }
    return {"figures": figures}, values


def _names(runs: Sequence[Reported]) -> list[str]:
    """What to call each: its directory's name, with as many of those above it as tell it from the others."""
    parts = [run.dir.absolute().parts for run in runs]
    depth = max(map(len, parts))
    names = [[one_line("/".join(mine[-taken:]), 400) for taken in range(1, depth + 1)] for mine in parts]
    return [next((name for k, name in enumerate(mine) if [n[k] for n in names].count(name) == 1), mine[-1]) for mine in names]


def _entries(runs: Sequence[tuple[str, Reported]]) -> list[Entry]:
    """The found reward of every run, then each run's baselines."""
    measured = [(name, run.summary["final"]) for name, run in runs if run.summary["final"] is not None]
    found = [Entry(f"{name}: found", FOUND, table["best"]) for name, table in measured]
    human = [Entry(f"{name}: human", HUMAN, table["human"]) for name, table in measured]
    return [*found, *human, *(Entry(f"{name}: fitness as reward", SPARSE, table["fitness"]) for name, table in measured)]


def _rise(runs: Sequence[tuple[str, Reported]], fitness: Fitness) -> Figure:
    """The best fitness so far, iteration by iteration; a line for each restart."""
    data = []
    for number_, (name, run) in enumerate(runs):
        colour = (FOUND, HUMAN, *OTHERS)[number_ % (len(OTHERS) + 2)]
        rows = run.summary["iterations"]
        for restart in sorted({row["restart"] for row in rows}):
            mine = [row for row in rows if row["restart"] == restart]
            curve = line([row["index"] + 1 for row in mine], [row["best_so_far"] for row in mine], colour)
            data.append({**curve, "mode": "lines+markers", "name": name, "legendgroup": name, "showlegend": restart == 0})
    x = {"title": {"text": "iteration"}, "dtick": 1, "zeroline": False}
    y = {"title": fitness_title(fitness, "best fitness so far"), "zeroline": False}
    return {"data": data, "layout": {"height": 320, "legend": LEGEND, "xaxis": x, "yaxis": y}}


def _row(name: str, run: Reported) -> list[str]:
    shown = [name, run.status, _writers(run), number(run.summary["best"]["fitness"])]
    if (table := run.summary["final"]) is None:
        return [*shown, *["n/a"] * 4]
    found = [or_na(table["best"]["iqm"]), between(table["best"]["interval"]) or "n/a"]
    return [*shown, *found, or_na(table["human"]["iqm"]), or_na(table["human_normalised"]["score"])]


def _writers(run: Reported) -> str:
    """The models that answered; the generator where none was asked."""
    models = [" ".join(filter(None, (row["provider"], row["model"]))) for row in run.summary["models"]]
    return one_line(", ".join(models) or run.config.generator.use)


def _took(name: str, run: Reported) -> list[str]:
    summary = run.summary
    steps, tokens = summary["env_steps"], summary["tokens"]
    trained = sum(outcome.status == "ok" for outcome in run.state.outcomes.values())
    counts = [f"{trained} of {len(run.state.candidates)}", f"{steps['training']:,}", f"{steps['evaluation']:,}"]
    return [name, *counts, duration(summary["seconds"]["total"]), f"{tokens['input'] + tokens['output']:,}", dollars(summary["cost_usd"])]


def _reward(name: str, run: Reported) -> dict[str, Any]:
    shown = rewards.found(run)
    return {"title": name, "told": shown.told, "lines": lines(shown.code) if shown.code else None}
