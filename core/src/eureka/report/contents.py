"""What is on the page of one run: the values its template shows, and the data its script reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import eureka
from eureka.builtin.outside_text import one_line, plain
from eureka.builtin.progress_lines import number
from eureka.config import to_yaml
from eureka.report import numbers, people, rewards, words
from eureka.report.again import commands, described, facts, versions
from eureka.report.clip import clip_of
from eureka.report.colored import lines
from eureka.report.details import details
from eureka.report.page import render
from eureka.report.plots.common import FOUND, HUMAN, OTHERS, SPARSE, START, STARTED, Figure, line
from eureka.report.plots.family import family
from eureka.report.plots.final import Entry, final
from eureka.report.plots.search import search
from eureka.report.plots.training import Measured, learning, measured
from eureka.report.reading import Reported
from eureka.report.rows import Row, rows
from eureka.report.texts import Texts

PAGE = 5_900_000
"""Bytes of a whole page: its clip takes up to half of what the rest leaves, its texts what is left then. Short of 6 MB by more than the
lines around the clip take."""
SECTIONS = {
    "final": "Evaluation",
    "clip": "Clip",
    "rewards": "Rewards",
    "search": "Search",
    "people": "People",
    "training": "Training",
    "candidates": "Candidates",
    "spent": "Cost",
    "again": "Reproduce",
}
"""By anchor: what the page's head calls them."""


def entries(run: Reported) -> list[Entry]:
    """The rewards of the final evaluation, the best first; none before there was one."""
    table = run.summary["final"]
    if table is None:
        return []
    others = [Entry(f"Also found: {row['id']}", OTHERS[k % len(OTHERS)], row) for k, row in enumerate(table["others"])]
    found = [Entry(f"Found: {table['id']}", FOUND, table["best"])]
    if table["best_started"] is not None:
        found.append(Entry(f"{table['id']}, from its start", STARTED, table["best_started"]))
    if table["start"] is not None:
        found.append(Entry("The start, untrained", START, table["start"]))
    return [*found, *others, Entry("Human", HUMAN, table["human"]), Entry("Fitness as reward", SPARSE, table["fitness"])]


def contents(run: Reported) -> tuple[dict[str, Any], dict[str, Any]]:
    """First the script's data, then the template's values."""
    candidates = rows(run)
    figures, small = _figures(run, candidates)
    data: dict[str, Any] = {
        "figures": figures,
        "curve": {**line([], [], FOUND), "mode": "lines+markers"},
        "curve_layout": {"height": 180, "margin": {"l": 56, "r": 12, "t": 8, "b": 28}},
        "unit": words.unit_of(run.state.task.fitness),
        "packed": "",
    }
    values = {**_top(run), **_middle(run, candidates, figures, small), **_bottom(run), "clip": None}
    values["sections"] = _sections(values)
    left = PAGE - len(render("report.html", data, **values).encode())
    if (clip := clip_of(run, left // 2)) is not None:
        values["clip"] = clip
        values["sections"] = _sections(values)
        left -= len(clip.source)
    texts = Texts()
    data["packed"] = texts.packed({row.id: details(run, row, texts) for row in candidates}, left)
    return data, values


def _sections(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Anchors and names of those the page has."""
    there = {
        "final": values["final"],
        "clip": values["clip"],
        "search": values["iterations"][1],
        "people": values["people"],
        "training": values["learning"] or values["components"],
        "candidates": values["rows"],
    }
    return [(anchor, name) for anchor, name in SECTIONS.items() if there.get(anchor, True)]


def _figures(run: Reported, candidates: Sequence[Row]) -> tuple[dict[str, Figure], list[Measured]]:
    """By name; and what the small plots `measured-0`, `measured-1`, … show."""
    small = measured(run)
    found = {
        "final": final(run.state.task.fitness, shown) if (shown := entries(run)) else None,
        "search": search(run, candidates) if candidates else None,
        "family": family(run, candidates),
        "learning": learning(run),
        **{f"measured-{number}": one.figure for number, one in enumerate(small)},
    }
    return {name: figure for name, figure in found.items() if figure is not None}, small


def _top(run: Reported) -> dict[str, Any]:
    task = run.state.task
    return {
        "title": f"{one_line(task.name)} · Eureka report",
        "kicker": f"Reward search · {one_line(run.dir.name)}",
        "task": one_line(task.name),
        "description": one_line(task.description, 1000),
        "status": run.status,
        "standing": words.standing(run),
        "said": words.compared(run),
        "tiles": numbers.tiles(run),
        "notes": words.notes(run),
    }


def _middle(run: Reported, candidates: Sequence[Row], figures: dict[str, Figure], small: list[Measured]) -> dict[str, Any]:
    shown = entries(run)
    both = [(reward, lines(reward.code) if reward.code else None) for reward in (rewards.found(run), rewards.human(run))]
    return {
        "final": numbers.final_table([(entry.name, entry.measured) for entry in shown]) if shown else None,
        "final_told": FINAL,
        "rewards": [{"title": reward.title, "told": reward.told, "lines": code} for reward, code in both],
        "iterations": numbers.iteration_table(run),
        "family": "family" in figures,
        "selections": people.selections(run),
        "people": people.summed_up(run),
        "people_notes": people.told(run),
        "preferences": people.preference_table(run),
        "learning": "learning" in figures,
        "learning_told": f"{'A curve for each training of the final evaluation.' if shown else _OF_BEST} {run.lessons_told()}".rstrip(),
        "components": [(one_line(one.name), one.is_component) for one in small],
        "best": run.best.id if run.best is not None else "",
        "rows": [_cells(row) for row in candidates],
        "candidates_told": f"All that were written; ★ is the best. {COLUMNS} Open one for its program, prompt, answer and its faults.",
    }


def _bottom(run: Reported) -> dict[str, Any]:
    return {
        "spent": numbers.spent(run),
        "models": numbers.model_table(run),
        "again_told": described(run),
        "commands": "\n".join(commands(run)),
        "facts": facts(run),
        "versions": versions(run),
        "sessions": numbers.sessions(run),
        "config": plain(to_yaml(run.config)),
        "foot": f"Made by Eureka {eureka.__version__} on {words.clock(run.as_of)} from {one_line(str(run.dir), 1000)}",
    }


FINAL = (
    "Each reward trained anew on the same fresh seeds under one budget, from scratch where nothing else is said; each training's best "
    "checkpoint measured again on fresh episodes. A dot is one training, a diamond the interquartile mean with its 95 % interval by "
    "stratified bootstrap, of 4 trainings at least."
)

_OF_BEST = "The best reward's trainings."

COLUMNS = "Fitness: of its training in the search. On a fresh seed: what the best few came to when trained once more (search.retest)."
"""Of the table of candidates."""


def _cells(row: Row) -> dict[str, str]:
    return {
        "id": row.id,
        "status": row.status,
        "fitness": "" if row.fitness is None else number(row.fitness),
        "again": "" if row.again is None else number(row.again),
        "parents": ", ".join(row.parents),
        "why": row.why,
    }
