"""What is on `suite.html`: the values its template shows, and the data its script reads."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import eureka
from eureka.builtin.outside_text import one_line
from eureka.report.plots.suite import correlation_key, correlations, scores
from eureka.report.words import clock
from eureka.spending import counted
from eureka.suite import words
from eureka.suite.contents import Suite


def page(suite: Suite, told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """First the script's data, then the template's values. told: `suite.json`."""
    figures = {"scores": scores(told["tasks"]), "correlations": correlations(told["tasks"])}
    header, rows = words.table(told)
    all_ = told["aggregates"]
    values = {
        "title": f"{counted(all_['tasks'], 'task')} · Eureka suite",
        "sections": [("tasks", "Tasks"), ("scores", "Scores"), ("correlations", "Correlation"), ("again", "Reproduce")],
        "heading": counted(all_["tasks"], "task"),
        "standing": words.counts(told),
        "tiles": words.tiles(told),
        "header": header,
        "rows": [(_link(suite, row), cells) for row, cells in zip(told["tasks"], rows, strict=True)],
        "remarks": words.remarks(told),
        "drawn": {name for name, figure in figures.items() if figure is not None},
        "correlation_key": correlation_key(figures["correlations"]),
        "without_score": _without(told, "human_normalised"),
        "without_correlation": (without := _without(told, "human_normalised", "correlation")),
        "with_correlation": all_["tasks"] - len(without),
        "command": command(suite),
        "foot": f"Made by Eureka {eureka.__version__} on {clock(told['written'])} from {one_line(str(suite.dir.absolute()), 1000)}",
    }
    return {"figures": {name: figure for name, figure in figures.items() if figure is not None}}, values


def command(suite: Suite) -> str:
    """What to type to have the same suite again, in a folder of its own."""
    parts = ["eureka", "suite", "--tasks", ",".join(suite.configs)]
    parts += ["--config", suite.command["config"]] if suite.command["config"] else []
    for text in suite.command["sets"]:
        parts += ["--set", text]
    return one_line(" ".join(map(shlex.quote, parts)), 4000)


def _link(suite: Suite, row: Mapping[str, Any]) -> str:
    """To the run's own page, from the suite's; empty where there is none."""
    place = f"{row['run']}/report.html"
    return quote(place) if (suite.dir / place).is_file() else ""


def _without(told: Mapping[str, Any], *figures: str) -> list[str]:
    """The tasks that lack one of these figures."""
    return [one_line(row["task"]) for row in told["tasks"] if any(row[figure]["score"] is None for figure in figures)]
